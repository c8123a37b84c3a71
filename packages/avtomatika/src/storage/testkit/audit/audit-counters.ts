import type { Ledger } from "#storage/testkit/audit/ledger";

/** A quota counts at least what is charged to it, and a job is there only if its charge stands. */
export function auditCounters(ledger: Ledger): void {
  const { charges, quotas, buckets } = ledger.rows;
  const charged = new Map<string, number>();
  for (const { jobId, owner, period, state } of charges) {
    const key = JSON.stringify([owner, period]);
    if (state === "charged") charged.set(key, (charged.get(key) ?? 0) + 1);
    else if (ledger.jobs.has(jobId)) ledger.report(jobId, `is there, but its charge was ${state}`);
  }
  const used = new Map(quotas.map((row) => [JSON.stringify([row.owner, row.period]), row.used]));
  for (const [key, count] of charged) {
    if ((used.get(key) ?? 0) < count) ledger.tell(`quota ${key} counts ${used.get(key)}, but ${count} are charged`);
  }
  for (const [key, count] of used) if (count < 0) ledger.tell(`quota ${key} counts ${count}`);
  for (const { key, bucket } of buckets) {
    const faulty = bucket.level < 0 || bucket.portions.some(({ tokens }) => tokens < 1);
    if (faulty) ledger.tell(`bucket ${key} is ${JSON.stringify(bucket)}`);
  }
}
