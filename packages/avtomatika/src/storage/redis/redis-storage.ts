import { readOnce, readResults, stage } from "#storage/redis/branch-calls";
import { chargeQuota, findCreated, refundQuota, takeTokens } from "#storage/redis/counter-calls";
import { dumpShard } from "#storage/redis/dump-shard";
import {
  cancelJob,
  claimJobs,
  commitStep,
  countJobs,
  createJobs,
  deliver,
  getJob,
  listJobs,
} from "#storage/redis/job-calls";
import type { Input, Output } from "#storage/redis/port";
import { type RedisStorageOptions, Session } from "#storage/redis/session";
import {
  claimTasks,
  extendLeases,
  getTask,
  listRevoked,
  putProgress,
  releaseLeases,
  settleTasks,
} from "#storage/redis/task-calls";
import { listWorkers, purge, putWorkers, readStandings } from "#storage/redis/upkeep-calls";
import type { Bell, Storage } from "#storage/storage";
import type { StoreDump } from "#storage/testkit/dump";

/**
 * Keeps everything in Redis 7 or later, or Valkey, for any number of engines. Each call is one script on one shard;
 * one that names more than a script may do in one go is made in parts.
 */
export class RedisStorage implements Storage {
  readonly name = "redis";
  readonly #session: Session;
  readonly #listeners = new Set<(bell: Bell) => void>();

  /**
   * @param url `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS
   * @throws AvtomatikaError `invalid_argument` for options that can't be used
   */
  constructor(url: string, options: RedisStorageOptions = {}) {
    this.#session = new Session(url, options, (bell) => {
      for (const listener of this.#listeners) listener(bell);
    });
  }

  /** Fixed when the store is first used; known once it is open. */
  get shards(): number {
    return this.#session.shards;
  }

  /**
   * Rejects with `store_unavailable` if nobody answers, `store_format` for a store of a later release,
   * `invalid_config` for a server that would lose jobs or a missing package.
   */
  open(): Promise<void> {
    return this.#session.open();
  }
  close(): Promise<void> {
    return this.#session.close();
  }
  listen(listener: (bell: Bell) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Everything that the store holds, for audits. It reads all keys, and so holds up a server that has many. */
  async inspect(): Promise<StoreDump> {
    const shards = Array.from({ length: this.shards }, (_, shard) =>
      this.#session.run("inspect", shard, () => ({}), { patient: true }),
    );
    return { shards: (await Promise.all(shards)).map(dumpShard) };
  }

  createJobs(input: Input<"createJobs">): Output<"createJobs"> {
    return createJobs(this.#session, input);
  }
  getJob(input: Input<"getJob">): Output<"getJob"> {
    return getJob(this.#session, input);
  }
  listJobs(input: Input<"listJobs">): Output<"listJobs"> {
    return listJobs(this.#session, input);
  }
  countJobs(input: Input<"countJobs">): Output<"countJobs"> {
    return countJobs(this.#session, input);
  }
  claimJobs(input: Input<"claimJobs">): Output<"claimJobs"> {
    return claimJobs(this.#session, input);
  }
  commitStep(input: Input<"commitStep">): Output<"commitStep"> {
    return commitStep(this.#session, input);
  }
  deliver(input: Input<"deliver">): Output<"deliver"> {
    return deliver(this.#session, input);
  }
  cancelJob(input: Input<"cancelJob">): Output<"cancelJob"> {
    return cancelJob(this.#session, input);
  }
  putProgress(input: Input<"putProgress">): Output<"putProgress"> {
    return putProgress(this.#session, input);
  }
  extendLeases(input: Input<"extendLeases">): Output<"extendLeases"> {
    return extendLeases(this.#session, input);
  }
  stage(input: Input<"stage">): Output<"stage"> {
    return stage(this.#session, input);
  }
  readOnce(input: Input<"readOnce">): Output<"readOnce"> {
    return readOnce(this.#session, input);
  }
  readResults(input: Input<"readResults">): Output<"readResults"> {
    return readResults(this.#session, input);
  }
  claimTasks(input: Input<"claimTasks">): Output<"claimTasks"> {
    return claimTasks(this.#session, input);
  }
  settleTasks(input: Input<"settleTasks">): Output<"settleTasks"> {
    return settleTasks(this.#session, input);
  }
  getTask(input: Input<"getTask">): Output<"getTask"> {
    return getTask(this.#session, input);
  }
  listRevoked(input: Input<"listRevoked">): Output<"listRevoked"> {
    return listRevoked(this.#session, input);
  }
  releaseLeases(input: Input<"releaseLeases">): Output<"releaseLeases"> {
    return releaseLeases(this.#session, input);
  }
  putWorkers(input: Input<"putWorkers">): Output<"putWorkers"> {
    return putWorkers(this.#session, input);
  }
  listWorkers(input: Input<"listWorkers">): Output<"listWorkers"> {
    return listWorkers(this.#session, input);
  }
  readStandings(input: Input<"readStandings">): Output<"readStandings"> {
    return readStandings(this.#session, input);
  }
  purge(input: Input<"purge">): Output<"purge"> {
    return purge(this.#session, input);
  }
  findCreated(input: Input<"findCreated">): Output<"findCreated"> {
    return findCreated(this.#session, input);
  }
  chargeQuota(input: Input<"chargeQuota">): Output<"chargeQuota"> {
    return chargeQuota(this.#session, input);
  }
  refundQuota(input: Input<"refundQuota">): Output<"refundQuota"> {
    return refundQuota(this.#session, input);
  }
  takeTokens(input: Input<"takeTokens">): Output<"takeTokens"> {
    return takeTokens(this.#session, input);
  }
}
