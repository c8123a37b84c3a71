import { AvtomatikaError } from "#core/errors";

/** The error for a file that can't be used; its `details` are all that is wrong, one by one. */
export function configFaults(file: string, faults: readonly string[]): AvtomatikaError {
  const [first = "", ...more] = faults;
  const message =
    more.length === 0
      ? first
      : `${file} has ${faults.length} problems:\n${faults.map((fault) => `- ${fault}`).join("\n")}`;
  return new AvtomatikaError("invalid_config", message, { details: faults });
}
