import { type Ledger, place } from "#storage/testkit/audit/ledger";

/** Each range of branches stands in its lane, and nothing stands in a lane that isn't there. */
export function auditQueues(ledger: Ledger): void {
  const ranges = new Set<string>();
  for (const range of ledger.rows.ranges) {
    const { jobId, wait, group } = range;
    if (ranges.has(`${jobId}:${wait}:${group}`)) ledger.report(jobId, `has ${place(range)} twice`);
    ranges.add(`${jobId}:${wait}:${group}`);
    if (range.next >= range.end) ledger.report(jobId, `has ${place(range)} with nothing left in it`);
    const entry = ledger.entry(jobId, wait, -1 - group);
    if (entry === undefined) ledger.report(jobId, `has ${place(range)}, but it stands in no lane`);
    else if (entry.lane !== range.lane || entry.score !== range.score) {
      ledger.report(jobId, `has ${place(range)} in the wrong place of a lane`);
    }
    const book = ledger.join(range);
    if (book === undefined) ledger.report(jobId, `has ${place(range)} without a join`);
    else if (book.join.state !== "open")
      ledger.report(jobId, `has ${place(range)} in a join that is ${book.join.state}`);
    if (book !== undefined) book.remaining += range.end - range.next;
  }
  for (const entry of ledger.rows.entries) {
    const { jobId, wait, ref } = entry;
    const isThere = ref < 0 ? ranges.has(`${jobId}:${wait}:${-1 - ref}`) : ledger.task(jobId, wait, ref) !== undefined;
    if (!isThere) ledger.report(jobId, `stands in a lane as ${place(entry)}, which isn't there`);
  }
}
