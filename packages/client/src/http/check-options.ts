import { invalidArgument } from "#http/errors";

/**
 * Refuses what isn't an option of `call`, for programs that no compiler checks.
 * @throws AvtomatikaError `invalid_argument` that lists the valid names
 */
export function checkOptions(call: string, options: object, known: readonly string[]): void {
  if (options === null || typeof options !== "object") {
    throw invalidArgument(`${call}: expected an object of options, got ${String(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw invalidArgument(`${call}: unknown option ${JSON.stringify(key)}, it takes ${known.join(", ")}`);
    }
  }
}
