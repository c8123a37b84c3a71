import type { StoreDump } from "avtomatika/internal/storage/testkit/dump";
import type { Verdict } from "../kill/verdict.ts";

/** When every job has ended, nothing is queued, nobody holds anything, and no fan-out is open. */
export function checkRest(dump: StoreDump, verdict: Verdict): void {
  for (const { jobs, tasks, entries, joins, ranges } of dump.shards) {
    const orphan = (what: string, of: { jobId: string; wait: number }): void =>
      verdict.report("orphan", `${what} of job ${of.jobId}, wait ${of.wait}, is left`);
    for (const entry of entries) orphan("a place in a queue", entry);
    for (const range of ranges) orphan("a range of branches", range);
    for (const join of joins) if (join.state === "open") orphan("an open join", join);
    for (const task of tasks) if (task.state !== "withdrawn") orphan(`a task that is ${task.state}`, task);
    const ids = new Set(jobs.map(({ id }) => id));
    for (const { id, parentId } of jobs) {
      if (parentId !== null && !ids.has(parentId))
        verdict.report("orphan", `job ${id} has lost its parent ${parentId}`);
    }
  }
}
