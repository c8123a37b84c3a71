import { didYouMean } from "avtomatika/internal/core/nearest";

/** The value of `--storage`. Throws, naming what there is, for one that isn't there. */
export function readStorage<Name extends string>(value: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  throw new Error(`--storage: expected ${names.join(" or ")}, got "${value}"${didYouMean(value, names)}`);
}
