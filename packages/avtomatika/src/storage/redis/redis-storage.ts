import { shardOf } from "#core/job-id";
import type { JobRecord } from "#core/job";
import type { Json } from "#core/json";
import { jobStatuses } from "#core/status";
import type { StepCommit } from "#core/step-commit";
import type { TaskResult } from "#core/task";
import { chunks, most } from "#storage/redis/chunks";
import { dumpShard } from "#storage/redis/dump-shard";
import type { ScriptReply, Told } from "#storage/redis/reply";
import type { Request } from "#storage/redis/request";
import { type RedisStorageOptions, Session } from "#storage/redis/session";
import type {
  Bell,
  Committed,
  Created,
  Delivered,
  LeasedJob,
  LeaseRequest,
  Settled,
  Storage,
  WorkerRow,
} from "#storage/storage";

import type { StoreDump } from "#storage/testkit/dump";

type Input<Method extends keyof Storage> = Storage[Method] extends (input: infer Given) => unknown ? Given : never;
type Output<Method extends keyof Storage> = Storage[Method] extends (input: never) => infer Told ? Told : never;

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
    const shards = Array.from({ length: this.shards }, (_, shard) => this.#session.run("inspect", shard, () => ({})));
    return { shards: (await Promise.all(shards)).map(dumpShard) };
  }

  async createJobs({ shard, jobs, lease }: Input<"createJobs">): Output<"createJobs"> {
    const leased = new Map<string, LeasedJob>();
    const results: Created[] = [];
    let now = 0;
    for (const part of chunks(jobs, most.created)) {
      const reply = await this.#session.run("create-jobs", shard, (request) => ({
        freshHead: request.freshHead(),
        jobs: part.map(({ job, dedup }) => ({ job: request.newJob(job), dedup })),
        lease: remaining(lease, leased.size),
      }));
      results.push(...reply.get<Created[]>("results"));
      for (const one of reply.allLeased("leased")) leased.set(one.job.id, one);
      now = reply.now;
    }
    return { results, leased: [...leased.values()], now };
  }

  async getJob({ jobId, watch }: Input<"getJob">): Output<"getJob"> {
    const reply = await this.#onJob("get-job", jobId, () => ({ jobId, watch }));
    const found = reply.get<Told | undefined>("found");
    return { found: found === undefined ? null : reply.jobDetails(found), now: reply.now };
  }

  async listJobs({ shard, before, limit, ...filter }: Input<"listJobs">): Output<"listJobs"> {
    const jobs: JobRecord[] = [];
    const statuses = filter.status === null ? jobStatuses : [filter.status];
    // One more than asked for says whether there is another page.
    let next = before;
    let reply: ScriptReply;
    do {
      const left = { limit: Math.min(limit + 1 - jobs.length, most.looked), budget: most.looked, before: next };
      reply = await this.#session.run("list-jobs", shard, () => ({ ...filter, ...left, statuses }));
      for (const told of reply.get<Told[]>("jobs")) jobs.push(reply.job(told));
      next = reply.get<typeof before>("last") ?? null;
    } while (next !== null && jobs.length <= limit);
    return { jobs: jobs.slice(0, limit), more: jobs.length > limit, now: reply.now };
  }

  async countJobs({ shard, owner }: Input<"countJobs">): Output<"countJobs"> {
    const reply = await this.#session.run("count-jobs", shard, () => ({ owner, statuses: jobStatuses }));
    return { counts: reply.get("counts"), ready: reply.get("ready"), now: reply.now };
  }

  async claimJobs({ shard, ...input }: Input<"claimJobs">): Output<"claimJobs"> {
    const reply = await this.#session.run("claim-jobs", shard, () => input);
    return {
      jobs: reply.allLeased("jobs"),
      tasks: reply.get<Told[]>("tasks").map((told) => reply.taskDetails(told, 0)),
      left: reply.get("left"),
      moreDue: reply.get("moreDue"),
      nextDue: reply.get<number | undefined>("nextDue") ?? null,
      purgeDue: reply.get("purgeDue"),
      lastCall: reply.get<number | undefined>("lastCall") ?? null,
      now: reply.now,
    };
  }

  async commitStep({ commit, lease }: Input<"commitStep">): Output<"commitStep"> {
    const staged = await this.#stageLarge(commit);
    const reply = await this.#onJob("commit-step", commit.jobId, (request) => ({
      commit: request.commit(staged),
      freshHead: commit.children.length === 0 ? null : request.freshHead(),
      lease,
    }));
    const outcome = reply.get<Committed["outcome"]>("outcome");
    if (outcome === "lost") return { outcome, now: reply.now };
    const job = reply.job(reply.get("job"));
    if (outcome === "superseded") return { outcome, job, now: reply.now };
    return { outcome, job, leased: reply.allLeased("leased"), now: reply.now };
  }

  /** Branches that came with a commit, but are too many for one script, travel before it. */
  async #stageLarge(commit: StepCommit): Promise<StepCommit> {
    const { join, jobId, claim } = commit;
    if (join === null || join.groups.reduce((sum, { items }) => sum + (items?.length ?? 0), 0) <= most.staged) {
      return commit;
    }
    for (const [group, { items }] of join.groups.entries()) {
      if (items === null) continue;
      await this.stage({ jobId, claim, items: { wait: join.wait, group, start: 0, items }, once: null });
    }
    return { ...commit, join: { ...join, groups: join.groups.map((group) => ({ ...group, items: null })) } };
  }

  async deliver({ jobId, event, lease }: Input<"deliver">): Output<"deliver"> {
    const reply = await this.#onJob("deliver", jobId, (request) => ({ jobId, event: request.event(event), lease }));
    return { ...delivered(reply), now: reply.now };
  }

  async cancelJob(input: Input<"cancelJob">): Output<"cancelJob"> {
    const reply = await this.#onJob("cancel-job", input.jobId, () => input);
    return { ...delivered(reply), running: reply.get("running"), now: reply.now };
  }

  async putProgress({ shard, entries }: Input<"putProgress">): Output<"putProgress"> {
    let stored = 0;
    let now = 0;
    for (const part of chunks(entries, most.progress)) {
      const reply = await this.#session.run("put-progress", shard, () => ({ entries: part }));
      stored += reply.get<number>("stored");
      now = reply.now;
    }
    return { stored, now };
  }

  async extendLeases({ shard, jobs, confirm, release, ...input }: Input<"extendLeases">): Output<"extendLeases"> {
    const lost: string[] = [];
    const cancelled: string[] = [];
    const parts = [jobs, confirm, release].map((list) => chunks<unknown>(list, most.extended));
    const count = Math.max(...parts.map((list) => list.length));
    let now = 0;
    for (let at = 0; at < count; at++) {
      const [extended = [], confirmed = [], released = []] = parts.map((list) => list[at] ?? []);
      const lists = { jobs: extended, confirm: confirmed, release: released };
      const reply = await this.#session.run("extend-leases", shard, () => ({ ...input, ...lists }));
      lost.push(...reply.get<string[]>("lost"));
      cancelled.push(...reply.get<string[]>("cancelled"));
      now = reply.now;
    }
    return { lost, cancelled, now };
  }

  async stage({ jobId, claim, items, once }: Input<"stage">): Output<"stage"> {
    const parts = chunks(items?.items ?? [], most.staged);
    let reply: ScriptReply;
    let at = 0;
    do {
      const part = parts[at] ?? [];
      const isLast = at === parts.length - 1;
      const start = (items?.start ?? 0) + at * most.staged;
      reply = await this.#onJob("stage", jobId, (request) => ({
        jobId,
        claim,
        items: items === null ? null : { wait: items.wait, group: items.group, start, ...request.items(part) },
        once: once === null || !isLast ? null : { ...once, value: request.body(once.value) },
      }));
      at += 1;
    } while (at < parts.length && reply.get("outcome") === "ok");
    const outcome = reply.get<"ok" | "lost">("outcome");
    const value = reply.get<number | undefined>("value");
    return { outcome, ...(value === undefined ? {} : { value: reply.body(value) as Json }), now: reply.now };
  }

  async readOnce(input: Input<"readOnce">): Output<"readOnce"> {
    const reply = await this.#onJob("read-once", input.jobId, () => input);
    const values = reply.get<Told[]>("values").map(({ name, value }) => [name, reply.body(value) as Json]);
    return { values: Object.fromEntries(values), now: reply.now };
  }

  async readResults({ jobId, wait, from, limit }: Input<"readResults">): Output<"readResults"> {
    const results: TaskResult[] = [];
    let next: number | null = from;
    let reply: ScriptReply;
    do {
      const left = { from: next, limit: limit + 1 - results.length, budget: most.looked };
      reply = await this.#onJob("read-results", jobId, () => ({ jobId, wait, ...left }));
      for (const { index, value } of reply.get<{ index: number; value: number }[]>("results")) {
        results.push(reply.result(value, jobId, wait, index));
      }
      next = reply.get<number | undefined>("next") ?? null;
    } while (next !== null && results.length <= limit);
    const following = results.length > limit ? (results[limit] as TaskResult).index : null;
    return { results: results.slice(0, limit), next: following, now: reply.now };
  }

  async claimTasks({ shard, ...input }: Input<"claimTasks">): Output<"claimTasks"> {
    const reply = await this.#session.run("claim-tasks", shard, () => input);
    return {
      tasks: reply.get<Told[]>("tasks").map(({ task, type, trace }) => ({
        task: reply.task(task as Told),
        type: type as string,
        trace: reply.body(trace) as { [key: string]: Json },
      })),
      left: reply.get("left"),
      full: reply.get("full"),
      open: reply.get("open"),
      lanes: reply.get<Told[]>("lanes").map((told) => reply.lane(told)),
      lanesVersion: reply.get("lanesVersion"),
      now: reply.now,
    };
  }

  async settleTasks({ shard, settlements, lease }: Input<"settleTasks">): Output<"settleTasks"> {
    const leased = new Map<string, LeasedJob>();
    const results: Settled[] = [];
    let now = 0;
    for (const part of chunks(settlements, most.settled)) {
      const reply = await this.#session.run("settle-tasks", shard, (request) => ({
        settlements: part.map((settlement) => request.settlement(settlement)),
        lease: remaining(lease, leased.size),
      }));
      results.push(...reply.get<Settled[]>("results"));
      for (const one of reply.allLeased("leased")) leased.set(one.job.id, one);
      now = reply.now;
    }
    return { results, leased: [...leased.values()], now };
  }

  async getTask({ address }: Input<"getTask">): Output<"getTask"> {
    const reply = await this.#onJob("get-task", address.jobId, () => ({ address }));
    const found = reply.get<Told | undefined>("found");
    return { found: found === undefined ? null : reply.taskDetails(found, address.index), now: reply.now };
  }

  async listRevoked({ shard }: Input<"listRevoked">): Output<"listRevoked"> {
    const reply = await this.#session.run("list-revoked", shard, () => ({}));
    return { tasks: reply.get("tasks"), now: reply.now };
  }

  async releaseLeases({ shard, ...input }: Input<"releaseLeases">): Output<"releaseLeases"> {
    const reply = await this.#session.run("release-leases", shard, () => input);
    return { released: reply.get("released"), now: reply.now };
  }

  async putWorkers({ workers }: Input<"putWorkers">): Output<"putWorkers"> {
    const conflicts: WorkerRow[] = [];
    let version = 0;
    let now = 0;
    for (const part of chunks(workers, most.workers)) {
      const reply = await this.#session.run("put-workers", 0, (request) => ({
        workers: part.map((worker) => request.worker(worker)),
      }));
      version = Math.max(version, reply.get("version"));
      for (const told of reply.get<Told[]>("conflicts")) conflicts.push(reply.worker(told));
      now = reply.now;
    }
    return { version, conflicts, now };
  }

  async listWorkers({ since }: Input<"listWorkers">): Output<"listWorkers"> {
    const workers: WorkerRow[] = [];
    let reply: ScriptReply;
    let page: Told[];
    do {
      const from = workers.at(-1)?.version ?? since;
      reply = await this.#session.run("list-workers", 0, () => ({ since: from, limit: most.workers }));
      page = reply.get<Told[]>("workers");
      for (const told of page) workers.push(reply.worker(told));
    } while (page.length === most.workers);
    return { workers, version: workers.at(-1)?.version ?? since, now: reply.now };
  }

  async readStandings({ shard }: Input<"readStandings">): Output<"readStandings"> {
    const sums = new Map<string, { worker: string; attempts: number; successes: number }>();
    let day: number | null = null;
    let reply: ScriptReply;
    do {
      reply = await this.#session.run("read-standings", shard, () => ({ day, budget: most.looked }));
      for (const { worker, attempts, successes } of reply.get<typeof sums extends Map<string, infer S> ? S[] : never>(
        "standings",
      )) {
        const sum = sums.get(worker) ?? { worker, attempts: 0, successes: 0 };
        sums.set(worker, { worker, attempts: sum.attempts + attempts, successes: sum.successes + successes });
      }
      day = reply.get<number | undefined>("nextDay") ?? null;
    } while (day !== null);
    return { standings: [...sums.values()], now: reply.now };
  }

  async purge({ shard, limit }: Input<"purge">): Output<"purge"> {
    let [removed, jobs] = [0, 0];
    let reply: ScriptReply;
    do {
      const left = Math.min(limit - removed, most.purged);
      reply = await this.#session.run("purge", shard, () => ({ limit: left }));
      removed += reply.get<number>("removed");
      jobs += reply.get<number>("jobs");
    } while (reply.get<boolean>("more") && removed < limit);
    return { removed, jobs, more: reply.get("more"), now: reply.now };
  }

  #onJob(name: string, jobId: string, fill: (request: Request) => object): Promise<ScriptReply> {
    return this.#session.run(name, shardOf(jobId, this.shards), fill);
  }
}

/** What may still be leased of a wish, of which the parts before have used some. */
function remaining(lease: LeaseRequest | null, used: number): LeaseRequest | null {
  return lease === null ? null : { ...lease, limit: lease.limit - used };
}

function delivered(reply: ScriptReply): Delivered {
  const leased = reply.get<Told | undefined>("leased");
  return { outcome: reply.get("outcome"), leased: leased === undefined ? null : reply.leased(leased) };
}
