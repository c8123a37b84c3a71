/** A deep copy of plain data: the store never shares an object with its callers. */
export function copy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  // Spreading is the quick way, and keeps a field that is called `__proto__` an ordinary one.
  const target = { ...value } as Record<string, unknown>;
  for (const key in target) {
    const inner = target[key];
    if (typeof inner === "object" && inner !== null) target[key] = copy(inner);
  }
  return target as T;
}
