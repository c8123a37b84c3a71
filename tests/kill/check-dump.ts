import type { JobRecord } from "avtomatika/internal/core/job";
import { hasEnded } from "avtomatika/internal/core/status";
import { parseTaskId, type TaskRecord, type TaskResult, taskId } from "avtomatika/internal/core/task";
import { audit } from "avtomatika/internal/storage/testkit/audit";
import type { StoreDump } from "avtomatika/internal/storage/testkit/dump";
import type { Fact } from "./journal.ts";
import type { KnownFacts } from "./known-facts.ts";
import { meteredName } from "./metered.ts";
import type { Verdict } from "./verdict.ts";

type Rows = StoreDump["shards"][number];
interface Seen {
  version: number;
  visit: number;
  ended: string | null;
  claim: string | null;
}

/** A process that was up for so long and moved so many jobs has taken over what its predecessor held. */
const takeOver = { ms: 1500, jobs: 40 };
/** A lease that ended so long ago should have been taken over by whichever engine ran; the store may have been away. */
const mostOverdueMs = 20_000;

/** Holds the store of an engine that is gone against what it was before, and against what others were told. */
export class DumpCheck {
  readonly #facts: KnownFacts;
  readonly #verdict: Verdict;
  readonly #jobs = new Map<string, Seen>();
  readonly #results = new Map<string, string>();
  readonly #applied = new Set<string>();

  constructor(facts: KnownFacts, verdict: Verdict) {
    this.#facts = facts;
    this.#verdict = verdict;
  }

  /** Answers how many jobs are open. `news` is what was learnt since the last look, `upMs` how long the engine ran. */
  look(dump: StoreDump, news: readonly Fact[], upMs: number): number {
    const rows = dump.shards[0] as Rows;
    for (const problem of audit(dump)) this.#verdict.report("orphan", problem);
    const jobs = new Map(rows.jobs.map((job) => [job.id, job]));
    for (const id of this.#jobs.keys()) if (!jobs.has(id)) this.#lost(`job ${id} is gone`);
    const moved = rows.jobs.filter(
      ({ id, version, blueprint }) => this.#jobs.get(id)?.version !== version && blueprint !== meteredName,
    ).length;
    const isTakenOver = upMs > takeOver.ms && moved > takeOver.jobs;
    for (const job of rows.jobs) this.#lookAtJob(job, isTakenOver);
    const results = this.#lookAtResults(rows.results);
    const tasks = new Map(rows.tasks.map((task) => [`${task.jobId}:${task.wait}:${task.index}`, task]));
    for (const fact of news) this.#hold(fact, { jobs, results, tasks, rows });
    return rows.jobs.filter(({ endedAt }) => endedAt === null).length;
  }

  #lookAtJob(job: JobRecord, isTakenOver: boolean): void {
    const { id, version, status, lease } = job;
    const { visit } = job.head;
    const before = this.#jobs.get(id);
    this.#verdict.tally.add(`status ${status}`);
    if (lease !== null) this.#verdict.tally.add("job leased at a kill");
    if (job.ready !== null) this.#verdict.tally.add("job ready at a kill");
    const overdue = Date.now() - (lease?.until ?? Number.POSITIVE_INFINITY);
    if (overdue > mostOverdueMs) this.#verdict.report("orphan", `the lease of job ${id} ended ${overdue} ms ago`);
    // What is discarded leaves the list, and is the same job otherwise.
    const ended = hasEnded(status) && status !== "quarantined" ? JSON.stringify(job) : null;
    if (before !== undefined) {
      if (version < before.version || visit < before.visit) {
        this.#lost(`I2: job ${id} went from version ${before.version} back to ${version}`);
      }
      if (before.ended !== null && before.ended !== ended)
        this.#doubled(`I6: the ended job ${id} changed: ${before.ended} ${ended}`);
      if (lease !== null && lease.claim === before.claim && isTakenOver) {
        this.#lost(`job ${id} was left to the lease of an engine that had died long before`);
      }
    }
    this.#jobs.set(id, { version, visit, ended, claim: lease?.claim ?? null });
  }

  /** A result stays as it is, and is one that its worker made for that very attempt. */
  #lookAtResults(rows: readonly TaskResult[]): Map<string, TaskResult> {
    const results = new Map<string, TaskResult>();
    for (const result of rows) {
      const { jobId, wait, index, end } = result;
      const key = `${jobId}:${wait}:${index}`;
      const nonce = (end.data as { nonce?: string } | null)?.nonce;
      const text = `${end.attempt} ${end.status} ${end.workerId} ${nonce}`;
      const former = this.#results.get(key);
      results.set(key, result);
      if (former === text) continue;
      if (former !== undefined) this.#doubled(`I3: the result of ${key} was ${former} and became ${text}`);
      this.#results.set(key, text);
      if (end.attempt > 1) this.#verdict.tally.add("task retried");
      if (nonce !== undefined)
        this.#lookAtNonce(taskId({ jobId, wait, index, attempt: end.attempt }), end.workerId, nonce);
    }
    for (const key of this.#results.keys()) if (!results.has(key)) this.#lost(`the result of ${key} is gone`);
    return results;
  }

  #lookAtNonce(task: string, worker: string | null, nonce: string): void {
    const made = this.#facts.executions.get(nonce);
    if (made?.taskId !== task || made.worker !== worker) {
      this.#doubled(`I3: the result of ${task} was made by ${made?.worker} for ${made?.taskId}, not by ${worker}`);
    }
    if (this.#applied.has(nonce)) this.#doubled(`I3: the result ${nonce} was applied twice, also to ${task}`);
    this.#applied.add(nonce);
    this.#verdict.tally.add("nonce applied");
  }

  /** Whatever was acknowledged before the engine died is in its store. */
  #hold(fact: Fact, store: Store): void {
    if (fact.kind === "created" && !store.jobs.has(fact.jobId)) this.#lost(`I1: job ${fact.jobId} of ${fact.key}`);
    if (fact.kind === "cancelled") {
      const job = store.jobs.get(fact.jobId);
      if (job?.cancel === null && job.status !== "cancelled") this.#lost(`I6: the cancel of job ${fact.jobId}`);
    }
    if (fact.kind === "accepted") this.#holdResult(fact, store);
  }

  #holdResult({ taskId: task, worker, nonce, status }: Extract<Fact, { kind: "accepted" }>, store: Store): void {
    // The answer to a cancel leaves nothing; of several results of one attempt the first is the one that counts.
    if (status === "cancelled" || this.#facts.firstAccepted(task, worker) !== nonce) return;
    const address = parseTaskId(task) as { jobId: string; wait: number; index: number; attempt: number };
    const key = `${address.jobId}:${address.wait}:${address.index}`;
    const result = store.results.get(key);
    const left = result ?? store.tasks.get(key);
    if (left === undefined) {
      const join = store.rows.joins.find(({ jobId, wait }) => jobId === address.jobId && wait === address.wait);
      // A branch between two attempts leaves nothing when its fan-out is decided.
      if (status !== "failure" || join === undefined || join.state === "open")
        this.#lost(`I3: the result ${nonce} of ${task}`);
      return;
    }
    const past = left.past.find(({ attempt }) => attempt === address.attempt);
    if (past?.worker !== worker) return this.#lost(`I3: the result ${nonce} of ${task} by ${worker}`);
    const stored = result?.end.attempt === address.attempt ? (result.end.data as { nonce?: string } | null) : null;
    // What a worker sent before it died counts as much, and makes a later result of that attempt a repeat.
    const isRepeat = stored?.nonce !== undefined && !this.#facts.accepted.has(stored.nonce);
    if (stored !== null && stored.nonce !== nonce && !isRepeat)
      this.#lost(`I3: the result ${nonce} of ${task}: it is ${stored.nonce}`);
  }

  #lost(text: string): void {
    this.#verdict.report("lost", text);
  }
  #doubled(text: string): void {
    this.#verdict.report("doubled", text);
  }
}

interface Store {
  jobs: Map<string, JobRecord>;
  results: Map<string, TaskResult>;
  tasks: Map<string, TaskRecord>;
  rows: Rows;
}
