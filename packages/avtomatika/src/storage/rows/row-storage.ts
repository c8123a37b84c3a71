import { shardOf } from "#core/job-id";
import type { Bell } from "#storage/bell";
import type { Call } from "#storage/rows/call";
import { cancelJob } from "#storage/rows/cancel-job";
import { claimJobs } from "#storage/rows/claim-jobs";
import { claimTasks } from "#storage/rows/claim-tasks";
import { commitStep } from "#storage/rows/commit-step";
import { createJobs, findCreated } from "#storage/rows/create-jobs";
import { deliver } from "#storage/rows/deliver";
import { extendLeases } from "#storage/rows/extend-leases";
import { countJobs, listJobs } from "#storage/rows/list-jobs";
import { purge } from "#storage/rows/purge";
import { putProgress } from "#storage/rows/put-progress";
import { chargeQuota, refundQuota } from "#storage/rows/quota";
import { getJob, getTask, readOnce, readResults } from "#storage/rows/read-jobs";
import { settleTasks } from "#storage/rows/settle-tasks";
import { stage } from "#storage/rows/stage";
import { takeTokens } from "#storage/rows/take-tokens";
import {
  listRevoked,
  listSigns,
  listWorkers,
  putWorkers,
  readStandings,
  releaseLeases,
  tell,
} from "#storage/rows/workers";
import type { Reply, Storage } from "#storage/storage";

/** One operation of the port over the rows of one shard. */
export type Operation<Input, Output> = (call: Call, input: Input) => Output;

type Call1<Method extends keyof Storage> = Storage[Method] extends (input: infer Input) => unknown ? Input : never;

/** The port over `Rows`: it says which shard a call goes to; how a call is run is the store's. */
export abstract class RowStorage implements Storage {
  abstract readonly shards: number;
  abstract readonly name: string;
  abstract open(): Promise<void>;
  abstract close(): Promise<void>;
  readonly #listeners = new Set<(bell: Bell) => void>();

  /** Runs an operation atomically and rings its bells once it is written. */
  protected abstract run<Input, Output>(
    shard: number,
    operation: Operation<Input, Output>,
    input: Input,
  ): Promise<Reply<Output>>;

  listen(listener: (bell: Bell) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  protected ring(bells: readonly Bell[]): void {
    for (const bell of bells) for (const listener of this.#listeners) listener(bell);
  }

  #shardOf(jobId: string): number {
    return shardOf(jobId, this.shards);
  }

  createJobs(input: Call1<"createJobs">) {
    return this.run(input.shard, createJobs, input);
  }
  getJob(input: Call1<"getJob">) {
    return this.run(this.#shardOf(input.jobId), getJob, input);
  }
  listJobs(input: Call1<"listJobs">) {
    return this.run(input.shard, listJobs, input);
  }
  countJobs(input: Call1<"countJobs">) {
    return this.run(input.shard, countJobs, input);
  }
  claimJobs(input: Call1<"claimJobs">) {
    return this.run(input.shard, claimJobs, input);
  }
  commitStep(input: Call1<"commitStep">) {
    return this.run(this.#shardOf(input.commit.jobId), commitStep, input);
  }
  deliver(input: Call1<"deliver">) {
    return this.run(this.#shardOf(input.jobId), deliver, input);
  }
  cancelJob(input: Call1<"cancelJob">) {
    return this.run(this.#shardOf(input.jobId), cancelJob, input);
  }
  putProgress(input: Call1<"putProgress">) {
    return this.run(input.shard, putProgress, input);
  }
  extendLeases(input: Call1<"extendLeases">) {
    return this.run(input.shard, extendLeases, input);
  }
  stage(input: Call1<"stage">) {
    return this.run(this.#shardOf(input.jobId), stage, input);
  }
  readOnce(input: Call1<"readOnce">) {
    return this.run(this.#shardOf(input.jobId), readOnce, input);
  }
  readResults(input: Call1<"readResults">) {
    return this.run(this.#shardOf(input.jobId), readResults, input);
  }
  claimTasks(input: Call1<"claimTasks">) {
    return this.run(input.shard, claimTasks, input);
  }
  settleTasks(input: Call1<"settleTasks">) {
    return this.run(input.shard, settleTasks, input);
  }
  getTask(input: Call1<"getTask">) {
    return this.run(this.#shardOf(input.address.jobId), getTask, input);
  }
  listRevoked(input: Call1<"listRevoked">) {
    return this.run(input.shard, listRevoked, input);
  }
  async releaseLeases(input: Call1<"releaseLeases">) {
    const released: string[] = [];
    let reply: Reply<{ released: string[]; more: boolean }>;
    do {
      reply = await this.run(input.shard, releaseLeases, input);
      released.push(...reply.released);
    } while (reply.more);
    return { released, now: reply.now };
  }
  putWorkers(input: Call1<"putWorkers">) {
    return this.run(0, putWorkers, input);
  }
  listWorkers(input: Call1<"listWorkers">) {
    return this.run(0, listWorkers, input);
  }
  listSigns(input: Call1<"listSigns">) {
    return this.run(0, listSigns, input);
  }
  tell(input: Call1<"tell">) {
    return this.run(0, tell, input);
  }
  readStandings(input: Call1<"readStandings">) {
    return this.run(input.shard, readStandings, input);
  }
  findCreated(input: Call1<"findCreated">) {
    return this.run(input.shard, findCreated, input);
  }
  chargeQuota(input: Call1<"chargeQuota">) {
    return this.run(input.shard, chargeQuota, input);
  }
  refundQuota(input: Call1<"refundQuota">) {
    return this.run(input.shard, refundQuota, input);
  }
  takeTokens(input: Call1<"takeTokens">) {
    return this.run(input.shard, takeTokens, input);
  }
  purge(input: Call1<"purge">) {
    return this.run(input.shard, purge, input);
  }
}
