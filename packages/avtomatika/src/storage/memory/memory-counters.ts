import { ExpiringMap } from "#storage/memory/expiring-map";
import type { BucketRow, ChargeRow, CounterRows, QuotaRow } from "#storage/rows/rows";

/** Quotas and buckets of one shard in memory. */
export class MemoryCounters implements CounterRows {
  readonly charges = new ExpiringMap<ChargeRow>();
  readonly quotas = new ExpiringMap<QuotaRow>();
  readonly buckets = new ExpiringMap<BucketRow>();

  charge(jobId: string): ChargeRow | undefined {
    return this.charges.get(jobId);
  }
  putCharge(row: ChargeRow): void {
    this.charges.put(row.jobId, row);
  }
  quota(owner: string, period: string): QuotaRow | undefined {
    return this.quotas.get(keyOf(owner, period));
  }
  putQuota(row: QuotaRow): void {
    this.quotas.put(keyOf(row.owner, row.period), row);
  }
  bucket(key: string): BucketRow | undefined {
    return this.buckets.get(key);
  }
  putBucket(row: BucketRow): void {
    this.buckets.put(row.key, row);
  }
  removeExpiredCounters(now: number, limit: number): number {
    let removed = 0;
    for (const rows of [this.charges, this.quotas, this.buckets]) removed += rows.removeExpired(now, limit - removed);
    return removed;
  }
  nextCounterExpiry(): number | null {
    const next = Math.min(this.charges.nextExpiry(), this.quotas.nextExpiry(), this.buckets.nextExpiry());
    return next === Number.POSITIVE_INFINITY ? null : next;
  }
}

function keyOf(owner: string, period: string): string {
  return JSON.stringify([owner, period]);
}
