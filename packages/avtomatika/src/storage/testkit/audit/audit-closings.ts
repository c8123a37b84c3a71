import type { Ledger } from "#storage/testkit/audit/ledger";

/** A join that is being closed is not open any more, and its job is there until it is through. */
export function auditClosings(ledger: Ledger): void {
  for (const closing of ledger.rows.closings) {
    const { jobId, wait, next } = closing;
    const book = ledger.join(closing);
    if (book === undefined) ledger.report(jobId, `has the join ${wait} closing, which isn't there`);
    else if (book.join.state === "open") ledger.report(jobId, `has the join ${wait} closing, but it is open`);
    else if (next >= book.join.total) ledger.report(jobId, `has the join ${wait} closing beyond its end`);
  }
}
