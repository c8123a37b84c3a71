import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import type { Json } from "#core/json";
import { faultAt, placeIn } from "#core/json-fault";
import { type ParseOptions, standardJson } from "#core/standard-json";

/**
 * JSON text as a value. Integers beyond ±(2^53−1) become strings with exactly their digits. Of a doubled key
 * the last wins; `__proto__` is a key like any other. Throws `invalid_request` with the position of the fault.
 */
export function parseJson(text: string, options: ParseOptions): Json {
  const standard = standardJson(text, options);
  try {
    return JSON.parse(standard) as Json;
  } catch {
    // JSON.parse's own message lacks the position more often than not, and quotes what may be private.
    throw notJson(text, options);
  }
}

function notJson(text: string, options: ParseOptions): AvtomatikaError {
  const at = faultAt(text);
  const what =
    at < text.length ? `unexpected ${quote(String.fromCodePoint(text.codePointAt(at) as number))}` : "it ends";
  return new AvtomatikaError(
    "invalid_request",
    `${options.name ?? "the body"} is not JSON: ${what} ${placeIn(text, at)}`,
  );
}
