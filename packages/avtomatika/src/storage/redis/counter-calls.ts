import type { Input, Output } from "#storage/redis/port";
import type { Session } from "#storage/redis/session";
import type { Created } from "#storage/storage";

/** See `Storage.findCreated`. */
export async function findCreated(session: Session, { shard, keys }: Input<"findCreated">): Output<"findCreated"> {
  const reply = await session.run("find-created", shard, () => ({ keys }));
  const results: (Created | null)[] = keys.map(() => null);
  for (const { at, created } of reply.get<{ at: number; created: Created }[]>("results")) results[at] = created;
  return { results, now: reply.now };
}

/** See `Storage.chargeQuota`. */
export async function chargeQuota(session: Session, { shard, ...input }: Input<"chargeQuota">): Output<"chargeQuota"> {
  const reply = await session.run("charge-quota", shard, () => input);
  return { outcome: reply.get("outcome"), charged: reply.get("charged"), now: reply.now };
}

/** See `Storage.refundQuota`. */
export async function refundQuota(session: Session, { shard, jobIds }: Input<"refundQuota">): Output<"refundQuota"> {
  const reply = await session.run("refund-quota", shard, () => ({ jobIds }));
  return { refunded: reply.get("refunded"), now: reply.now };
}

/** See `Storage.takeTokens`. */
export async function takeTokens(session: Session, { shard, ...input }: Input<"takeTokens">): Output<"takeTokens"> {
  const reply = await session.run("take-tokens", shard, () => input);
  return { granted: reply.get("granted"), waitMs: reply.get("waitMs"), now: reply.now };
}
