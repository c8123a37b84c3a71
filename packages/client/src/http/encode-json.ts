import { invalidArgument } from "#http/errors";

/**
 * A value as JSON. What JSON would change behind the caller's back (`NaN` to `null`, a `Map` to `{}`, a function to
 * nothing) is refused; `toJSON` counts, and `undefined` in an object is left out. `name` is what the value is called.
 * @throws AvtomatikaError `invalid_argument`
 */
export function encodeJson(value: unknown, name: string): string {
  try {
    const text = JSON.stringify(value, refuseLoss) as string | undefined;
    if (text !== undefined) return text;
  } catch (error) {
    throw invalidArgument(`${name}: ${(error as Error).message}`, error);
  }
  throw invalidArgument(`${name}: expected a JSON value, got ${typeof value}`);
}

function refuseLoss(key: string, value: unknown): unknown {
  const lost = lossOf(value);
  if (lost === null) return value;
  throw new TypeError(`${key === "" ? "it" : JSON.stringify(key)} is ${lost}, which JSON can't hold`);
}

function lossOf(value: unknown): string | null {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? null : String(value);
    case "bigint":
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    case "object":
      return value instanceof Map || value instanceof Set ? `a ${value.constructor.name}` : null;
    default:
      return null;
  }
}
