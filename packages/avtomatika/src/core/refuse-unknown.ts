import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { didYouMean } from "#core/nearest";

/** Throws `invalid_argument` for a key of `options` that isn't known, with the nearest that is; `call` is whose they are. */
export function refuseUnknown(call: string, options: object, known: Iterable<string>): void {
  const names = [...known];
  for (const key of Object.keys(options)) {
    if (names.includes(key)) continue;
    const hint = didYouMean(key, names) || `; the options are ${names.join(", ")}`;
    throw new AvtomatikaError("invalid_argument", `${call}: unknown option ${quote(key)}${hint}`);
  }
}
