/** `value` if it is a whole number from 1 on; throws a `TypeError` that calls it `name`. */
export function whole(name: string, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 1) return value as number;
  throw new TypeError(`${name}: expected a whole number from 1 on, got ${String(value)}`);
}
