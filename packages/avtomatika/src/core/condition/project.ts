import type { Reads } from "#core/condition/guard";

/**
 * Copies what a condition reads, with maps for objects: a map has keys only, never a prototype, and a key named
 * `constructor` doesn't change what it is taken for. Costs no more than what is read, whatever the size of the rest.
 */
export function project(value: unknown, reads: Reads): unknown {
  if (Array.isArray(value)) return value.map((item) => project(item, "all"));
  if (typeof value !== "object" || value === null) return value;
  const source = value as Record<string, unknown>;
  if (reads === "all") return new Map(Object.entries(source).map(([key, item]) => [key, project(item, "all")]));
  const copy = new Map<string, unknown>();
  for (const [key, below] of reads) if (Object.hasOwn(source, key)) copy.set(key, project(source[key], below));
  return copy;
}
