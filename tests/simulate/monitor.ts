import type { JobRecord } from "avtomatika/internal/core/job";
import { decide } from "avtomatika/internal/core/join";
import { hasEnded } from "avtomatika/internal/core/status";
import { taskId } from "avtomatika/internal/core/task";
import type { MemoryShard, MemoryStorage } from "avtomatika/internal/storage/memory/memory-storage";
import type { ClosingRow } from "avtomatika/internal/storage/rows/rows";
import type { ClaimedTasks, ClaimTasks } from "avtomatika/internal/storage/storage";
import { audit } from "avtomatika/internal/storage/testkit/audit";
import { dumpShard } from "avtomatika/internal/storage/testkit/dump";
import type { Ledger } from "./ledger.ts";
import { QuotaMonitor } from "./quota-monitor.ts";
import type { Tally } from "./tally.ts";

interface Seen {
  version: number;
  visit: number;
  status: string;
  runs: number;
  cancelled: boolean;
  results: number;
}

const longestClosingMs = 120_000;

/** Looks at the store after every call and holds it against the guarantees. */
export class Monitor {
  readonly #store: MemoryStorage;
  readonly #ledger: Ledger;
  readonly #tally: Tally;
  readonly #now: () => number;
  readonly #jobs = new Map<string, Seen>();
  readonly #capacities = new Map<string, number>();
  readonly #results = new Map<string, string>();
  readonly #joins = new Map<string, string>();
  /** How many results each job has. */
  readonly #settled = new Map<string, number>();
  calls = 0;
  /** Jobs that were ever quarantined: an operator may send them on whatever became of their parents. */
  readonly quarantined = new Set<string>();

  readonly quotas: QuotaMonitor;

  /** True if the store ever had the job. */
  knows(jobId: string): boolean {
    return this.#jobs.has(jobId);
  }

  constructor(store: MemoryStorage, ledger: Ledger, tally: Tally, now: () => number) {
    this.#store = store;
    this.#ledger = ledger;
    this.#tally = tally;
    this.#now = now;
    this.quotas = new QuotaMonitor(store, ledger, tally, now);
  }

  /** After a call on one shard; one that only reads changed nothing. */
  look(method: string, input: unknown, reply: unknown, shard: number): void {
    this.calls += 1;
    this.quotas.look(method, input, shard);
    if (method === "claimTasks") this.#lookAtClaim(input as ClaimTasks, reply as ClaimedTasks, shard);
    if (onlyReads.has(method) || isIdle(input)) return;
    const part = this.#store.inspect()[shard] as MemoryShard;
    for (const closing of part.closings.records.values()) this.#lookAtClosing(closing);
    this.#lookAtJoins(part);
    for (const job of part.jobs.records.values()) this.#lookAtJob(job);
    for (const fault of audit({ shards: [dumpShard(part)] })) this.#ledger.violate(`I5: ${fault}`);
  }

  #lookAtJob(job: JobRecord): void {
    const before = this.#jobs.get(job.id);
    const { status, version, runs } = job;
    const { visit } = job.head;
    const results = this.#settled.get(job.id) ?? 0;
    if (before === undefined) this.quotas.lookAtNew(job);
    if (before?.status !== status) this.#tally.add(`status ${status}`);
    if (status === "quarantined") this.quarantined.add(job.id);
    if (runs > 1 && before?.runs !== runs) this.#tally.add("fault lease ran out");
    if (before !== undefined) {
      this.#lookAtChange(job, before);
      if (before.cancelled && results > before.results)
        this.#ledger.violate(`I6: a result was applied to the cancelled job ${job.id}`);
    }
    this.#jobs.set(job.id, { version, visit, status, runs, results, cancelled: job.cancel !== null });
  }

  /** However many engines are paused, killed or without bells: somebody goes on. */
  #lookAtClosing({ jobId, wait, at }: ClosingRow): void {
    this.#tally.add("closing over several calls");
    const ms = this.#now() - at;
    if (ms > longestClosingMs) this.#ledger.violate(`I5: the join ${jobId}:${wait} has been closing for ${ms} ms`);
  }

  /** A worker holds no more than it may, and only what it may take. */
  #lookAtClaim(input: ClaimTasks, reply: ClaimedTasks, shard: number): void {
    const { tasks, branches } = this.#store.inspect()[shard] as MemoryShard;
    for (const { task } of reply.tasks) {
      const state = branches.joins.get(`${task.jobId}:${task.wait}`)?.state;
      if (state !== "open") this.#ledger.violate(`I3: ${taskId(task)} was handed out although its join is ${state}`);
    }
    const handed = tasks.tasksOfClaim(input.claim);
    // A worker that was started anew may have another limit, and a claim with the old one may be repeated.
    const most = Math.max(input.capacity, this.#capacities.get(input.worker) ?? 0);
    this.#capacities.set(input.worker, most);
    if (handed.length > 0 && tasks.countHeld(input.worker) > most) {
      this.#ledger.violate(`${input.worker} holds ${tasks.countHeld(input.worker)} of at most ${most} tasks`);
    }
    for (const task of handed) {
      if (!input.lanes.includes(task.lane))
        this.#ledger.violate(`${input.worker} was given a task of lane ${task.lane}`);
    }
  }

  #lookAtChange(job: JobRecord, before: Seen): void {
    const { id, version, status } = job;
    const { visit } = job.head;
    if (version < before.version || version > before.version + 1) {
      this.#ledger.violate(`I2: job ${id} went from version ${before.version} to ${version}`);
    }
    if (visit < before.visit || visit > before.visit + (version > before.version ? 2 : 0)) {
      this.#ledger.violate(`I2: job ${id} went from visit ${before.visit} to ${visit} at version ${version}`);
    }
    if (before.status === status) return;
    if (hasEnded(before.status as JobRecord["status"]) && before.status !== "quarantined") {
      this.#ledger.violate(`I6: job ${id} was ${before.status} and became ${status}`);
    }
    if (before.cancelled && hasEnded(status) && status !== "cancelled") {
      this.#ledger.violate(`I6: job ${id} was cancelled and ended ${status}`);
    }
  }

  /** Looks at the results that came since the last look; the audit holds their number against the join's counts. */
  #lookAtResults(jobId: string, wait: number, part: MemoryShard): void {
    for (const result of part.branches.settled.get(`${jobId}:${wait}`) ?? []) {
      if (result === undefined) continue;
      const { end, index } = result;
      const key = `${jobId}:${wait}:${index}`;
      const text = `${end.attempt} ${end.status} ${end.workerId}`;
      const former = this.#results.get(key);
      if (former === text) continue;
      if (former !== undefined) this.#ledger.violate(`I3: the result of ${key} was ${former} and became ${text}`);
      this.#results.set(key, text);
      this.#settled.set(jobId, (this.#settled.get(jobId) ?? 0) + 1);
      const data = end.data as { nonce?: string } | null;
      if (data?.nonce === undefined) continue;
      this.#ledger.applied(taskId({ jobId, wait, index, attempt: end.attempt }), end.workerId, data.nonce);
    }
  }

  #lookAtJoins(part: MemoryShard): void {
    for (const [key, join] of part.branches.joins) {
      const { jobId, wait, state, ok, failed } = join;
      const now = `${state} ${ok} ${failed}`;
      const former = this.#joins.get(key);
      if (former === now) continue;
      this.#joins.set(key, now);
      this.#lookAtResults(jobId, wait, part);
      const before = former?.split(" ")[0];
      if (before !== undefined && before !== "open")
        this.#ledger.violate(`I4: join ${key} was ${former} and became ${now}`);
      const decided = decide(join);
      if (state === "open" && decided !== null) this.#ledger.violate(`I4: join ${key} is decided and has not fired`);
      if (state === "fired" && decided === null) this.#ledger.violate(`I4: join ${key} fired undecided`);
    }
  }
}

const onlyReads: ReadonlySet<string> = new Set([
  ...[
    "getTask",
    "readOnce",
    "readResults",
    "listJobs",
    "countJobs",
    "listWorkers",
    "listSigns",
    "tell",
    "listRevoked",
    "readStandings",
    "findCreated",
  ],
]);

/** A prolonging of nothing: what an engine without work calls every two seconds. */
function isIdle(input: unknown): boolean {
  const { jobs, confirm, release } = input as { jobs?: unknown[]; confirm?: unknown[]; release?: unknown[] };
  return confirm !== undefined && jobs?.length === 0 && confirm.length === 0 && release?.length === 0;
}
