import type {
  BranchRows,
  ClosingRows,
  CounterRows,
  JobRows,
  MetaRows,
  QueueRows,
  Rows,
  SideRows,
  TaskRows,
} from "#storage/rows/rows";

/** One object with the methods of all parts, bound to theirs. */
export function combineRows(
  jobs: JobRows,
  tasks: TaskRows,
  queues: QueueRows,
  branches: BranchRows,
  closings: ClosingRows,
  sides: SideRows,
  counters: CounterRows,
  meta: MetaRows,
): Rows {
  const rows: Record<string, unknown> = {};
  for (const part of [jobs, tasks, queues, branches, closings, sides, counters, meta]) {
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(part))) {
      const method = (part as unknown as Record<string, unknown>)[name];
      if (name !== "constructor" && typeof method === "function") rows[name] = method.bind(part);
    }
  }
  return rows as unknown as Rows;
}
