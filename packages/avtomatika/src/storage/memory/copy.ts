/** A deep copy of plain data: the store never shares an object with its callers. */
export function copy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  const target: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const copied = copy((value as Record<string, unknown>)[key]);
    if (key === "__proto__")
      Object.defineProperty(target, key, { value: copied, enumerable: true, writable: true, configurable: true });
    else target[key] = copied;
  }
  return target as T;
}
