import type { Bell } from "#storage/storage";
import type { StoreDump } from "#storage/testkit/dump";

/** Lists of which the port doesn't say an order. */
const unordered: Readonly<Record<string, string>> = {
  listRevoked: "tasks",
  releaseLeases: "released",
  listWorkers: "workers",
  readStandings: "standings",
};

/** A reply in a form in which two stores must give the same. */
export function comparableReply(method: string, reply: object): object {
  const key = unordered[method];
  if (key !== undefined) return { ...reply, [key]: byText((reply as Record<string, unknown[]>)[key] ?? []) };
  const { found } = reply as { found?: { lanes?: unknown[] } | null };
  if (found?.lanes !== undefined) return { ...reply, found: { ...found, lanes: byText(found.lanes) } };
  // How many rows there are is the store's own affair.
  return method === "purge" ? { ...reply, removed: 0 } : reply;
}

/** The bells of a call, or of many: their order says nothing. */
export function comparableBells(bells: readonly Bell[]): Bell[] {
  return byText(bells.map((bell) => (bell.kind === "revoked" ? { ...bell, taskIds: byText(bell.taskIds) } : bell)));
}

/** What a store holds, each kind of row in one order. */
export function comparableDump(dump: StoreDump): Record<string, unknown[]>[] {
  return dump.shards.map((shard) =>
    Object.fromEntries(Object.entries(shard).map(([name, rows]) => [name, byText<unknown>(rows)])),
  );
}

function byText<T>(values: readonly T[]): T[] {
  if (values.length < 2) return [...values];
  const texts = values.map((value) => ({ value, text: textOf(value) }));
  return texts.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ value }) => value);
}

/** The same text whatever the order of the fields, also of objects inside. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => {
    const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isObject ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
}
