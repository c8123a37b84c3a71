import type { ChargeQuota } from "#storage/counters";
import type { Call } from "#storage/rows/call";
import { expiryOf } from "#storage/rows/expiry";
import type { ChargeRow, QuotaRow } from "#storage/rows/rows";

/** How long an answer is remembered: far longer than anybody repeats a call. */
const repeatMs = 600_000;
/** How long a period's counter outlives it: what was charged in its last instant can still be given back. */
const lateMs = 3_600_000;

/** See `Storage.chargeQuota`. */
export function chargeQuota(
  call: Call,
  { owner, period, limit, jobIds }: ChargeQuota,
): { outcome: "charged" | "other_period"; charged: string[] } {
  const known = new Map(jobIds.map((id) => [id, call.rows.charge(id)]));
  const isRepeat = [...known.values()].every((row) => row !== undefined);
  if (!isRepeat && (call.now < period.from || call.now >= period.to)) return { outcome: "other_period", charged: [] };
  const counter = call.rows.quota(owner, period.id) ?? newCounter(owner, period);
  const usedBefore = counter.used;
  const charged = jobIds.filter((jobId) => {
    const before = known.get(jobId);
    if (before !== undefined) return before.state !== "refused";
    const state = counter.used < limit ? "charged" : "refused";
    const row: ChargeRow = { jobId, owner, period: period.id, state, expiresAt: expiryOf(call.now + repeatMs) };
    call.rows.putCharge(row);
    known.set(jobId, row);
    if (state === "charged") counter.used += 1;
    return state === "charged";
  });
  if (counter.used > usedBefore) call.rows.putQuota(counter);
  return { outcome: "charged", charged };
}

function newCounter(owner: string, period: ChargeQuota["period"]): QuotaRow {
  return { owner, period: period.id, used: 0, expiresAt: expiryOf(period.to + lateMs) };
}

/** See `Storage.refundQuota`. */
export function refundQuota(call: Call, input: { jobIds: string[] }): { refunded: string[] } {
  return { refunded: input.jobIds.filter((jobId) => refund(call, jobId)) };
}

/** True if the unit was given back, now or before. */
function refund(call: Call, jobId: string): boolean {
  const row = call.rows.charge(jobId);
  if (row === undefined || row.state === "refused") return false;
  if (row.state === "refunded") return true;
  const counter = call.rows.quota(row.owner, row.period);
  if (counter !== undefined) call.rows.putQuota({ ...counter, used: counter.used - 1 });
  call.rows.putCharge({ ...row, state: "refunded" });
  return true;
}
