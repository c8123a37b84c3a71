import { decide } from "#core/join";
import { isExpiring } from "#storage/rows/rows";
import type { JoinBook, Ledger } from "#storage/testkit/audit/ledger";

/** Joins count what there is; an open one is waited for, and undecided. */
export function auditJoins(ledger: Ledger): void {
  countResults(ledger);
  for (const book of ledger.joins.values()) {
    const { jobId, wait, ok, failed, state } = book.join;
    const settled = ok + failed;
    if (book.results !== settled && !(book.results < settled && isBeingPurged(ledger, jobId))) {
      ledger.report(jobId, `has ${book.results} results in the join ${wait}, which counts ${settled}`);
    }
    if (!ledger.jobs.has(jobId)) ledger.report(jobId, `is gone, but not its join ${wait}`);
    else if (state === "open") auditOpen(ledger, book);
    else if (state === "fired" && decide(book.join) === null)
      ledger.report(jobId, `has the join ${wait} fired undecided`);
  }
}

/** A purge takes the rows of an expired job in several calls. */
function isBeingPurged(ledger: Ledger, jobId: string): boolean {
  const job = ledger.jobs.get(jobId);
  return job !== undefined && isExpiring(job);
}

function auditOpen(ledger: Ledger, { join, tasks, remaining }: JoinBook): void {
  const { jobId, wait, ok, failed, total } = join;
  if (ledger.jobs.get(jobId)?.wait !== wait) ledger.report(jobId, `doesn't wait for its open join ${wait}`);
  if (decide(join) !== null) ledger.report(jobId, `has the join ${wait} decided, but it hasn't fired`);
  const open = tasks.length + remaining;
  if (ok + failed + open !== total) {
    ledger.report(jobId, `has ${open} open and ${ok + failed} settled branches in the join ${wait} of ${total}`);
  }
}

function countResults(ledger: Ledger): void {
  const seen = new Set<string>();
  for (const { jobId, wait, index } of ledger.rows.results) {
    const key = `${jobId}:${wait}:${index}`;
    if (seen.has(key)) ledger.report(jobId, `has two results of ${wait}/${index}`);
    seen.add(key);
    if (ledger.tasks.has(key)) ledger.report(jobId, `has a result of ${wait}/${index}, whose task is still there`);
    const book = ledger.join({ jobId, wait });
    if (book === undefined) ledger.report(jobId, `has a result of ${wait}/${index} without a join`);
    else book.results += 1;
  }
}
