import { didYouMean } from "#http/did-you-mean";
import { invalidArgument } from "#http/errors";

/**
 * Refuses what isn't an option of `call`, for programs that no compiler checks.
 * @throws AvtomatikaError `invalid_argument` with the nearest valid name, or all of them
 */
export function checkOptions(call: string, options: object, known: readonly string[]): void {
  if (options === null || typeof options !== "object") {
    throw invalidArgument(`${call}: expected an object of options, got ${String(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const hint = didYouMean(key, known) || `, it takes ${known.join(", ")}`;
    throw invalidArgument(`${call}: unknown option ${JSON.stringify(key)}${hint}`);
  }
}
