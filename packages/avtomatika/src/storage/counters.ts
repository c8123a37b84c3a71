import type { Month } from "#core/month";
import type { TakeTokens } from "#core/token-bucket";
import type { Created, Reply } from "#storage/storage";

/** The part of the store's port that counts: what clients may create in a month, and how fast they may call. */
export interface Counters {
  /** What the dedup records of creations say, without creating: null where there is none. */
  findCreated(input: FindCreated): Promise<Reply<{ results: (Created | null)[] }>>;
  /**
   * Charges jobs that are to be created to their owner's quota, in order, until its limit. A repeat gives the first
   * answer for ten minutes. Nothing is charged where `now` lies outside of the period. All calls of an owner name
   * one shard.
   */
  chargeQuota(input: ChargeQuota): Promise<Reply<{ outcome: "charged" | "other_period"; charged: string[] }>>;
  /** Gives back what was charged for jobs that were not created: once each, whatever the number of calls. */
  refundQuota(input: { shard: number; jobIds: string[] }): Promise<Reply<{ refunded: string[] }>>;
  /** A portion of a bucket's tokens. A repeat is another portion: what was lost is not given out again. */
  takeTokens(input: TakeTokens & { shard: number; key: string }): Promise<Reply<{ granted: number; waitMs: number }>>;
}

export interface FindCreated {
  shard: number;
  keys: { key: string; fingerprint: string }[];
}

export interface ChargeQuota {
  shard: number;
  owner: string;
  period: Month;
  /** The most jobs of the period. */
  limit: number;
  jobIds: string[];
}
