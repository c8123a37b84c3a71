import { type TakeTokens, takeTokens as takeFrom } from "#core/token-bucket";
import type { Call } from "#storage/rows/call";
import { expiryOf } from "#storage/rows/expiry";

/** See `Storage.takeTokens`. Who gets nothing writes nothing: an empty bucket fills up without being touched. */
export function takeTokens(call: Call, { key, ...take }: TakeTokens & { key: string }) {
  const former = call.rows.bucket(key)?.bucket ?? null;
  const { granted, waitMs, bucket, restedAt } = takeFrom(former, take, call.now);
  if (granted > 0) call.rows.putBucket({ key, bucket, expiresAt: expiryOf(restedAt) });
  return { granted, waitMs };
}
