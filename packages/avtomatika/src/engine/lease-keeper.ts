import { shardOf } from "#core/job-id";
import type { HandOver } from "#engine/hand-over";
import { jobLeaseMs, type Runner } from "#engine/runner";
import type { Run } from "#engine/running-jobs";
import { silence } from "#engine/silence";
import { requestPatienceMs, type StoreCaller } from "#engine/store-caller";
import type { Storage } from "#storage/storage";

export interface LeaseKeeperOptions {
  storage: Storage;
  caller: StoreCaller;
  runner: Runner;
  handOver: HandOver;
  engineId: string;
  /** When a confirmed lease is looked at again: its worker may have fallen silent. */
  livenessMs: number;
}

/** Prolongs the leases of this engine's jobs and confirms its offers: one call per shard, whatever their number. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  async extend(): Promise<void> {
    await this.#each((shard) => this.#extend(shard, this.#options.runner.running.all(), []));
  }

  /** Gives jobs back that an engine can't finish any more; their runs don't count. */
  async release(runs: readonly Run[]): Promise<void> {
    await this.#each((shard) => this.#extend(shard, [], runs));
  }

  async #each(call: (shard: number) => Promise<void>): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.storage.shards }, (_, shard) => call(shard)));
  }

  async #extend(shard: number, runs: readonly Run[], released: readonly Run[]): Promise<void> {
    const { storage, caller, runner, handOver, engineId, livenessMs } = this.#options;
    const own = (run: Run): boolean => shardOf(run.jobId, storage.shards) === shard;
    const named = ({ jobId, claim }: Run): { jobId: string; claim: string } => ({ jobId, claim });
    const jobs = runs.filter(own).map(named);
    const confirm = handOver.take(shard);
    const release = released.filter(own).map(named);
    const lease = { engine: engineId, ms: jobLeaseMs, checkMs: livenessMs, silenceMs: silence.inLifeMs };
    const input = { shard, jobs, confirm, release, ...lease };
    const reply = await caller.call(() => storage.extendLeases(input), requestPatienceMs);
    const claims = new Map(jobs.map(({ jobId, claim }) => [jobId, claim]));
    for (const [jobIds, reason] of [[reply.lost, "lost"] as const, [reply.cancelled, "cancelled"] as const]) {
      for (const jobId of jobIds) {
        const run = runner.running.get(jobId);
        // It may have come to rest meanwhile, or have been leased anew.
        if (run !== undefined && run.claim === claims.get(jobId)) run.interrupt(reason);
      }
    }
  }
}
