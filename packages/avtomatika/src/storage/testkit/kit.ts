import assert from "node:assert/strict";
import type { JobRecord, NewJob } from "#core/job";
import { jobIdIn } from "#core/job-id";
import type { StepCommit } from "#core/step-commit";
import type { Bell } from "#storage/bell";
import type {
  ClaimedJobs,
  ClaimedTasks,
  ClaimJobs,
  ClaimTasks,
  Committed,
  JobDetails,
  LeasedJob,
  LeaseRequest,
  Reply,
  Settled,
  Settlement,
  Storage,
} from "#storage/storage";
import { commit, leaseRequest, newJob } from "#storage/testkit/builders";

/** What one check of the suite works with: a fresh store, its clock, and short ways to say the usual calls. */
export class Kit {
  readonly storage: Storage;
  /** Where the jobs of a check live: the last shard, so that a store that always takes the first is found. */
  readonly shard: number;
  now: number;
  /** The check closed the store itself. */
  closed = false;
  readonly #bells: Bell[] = [];
  #counter = 0;

  constructor(storage: Storage, now: number) {
    this.storage = storage;
    this.shard = storage.shards - 1;
    this.now = now;
    storage.listen((bell) => this.#bells.push(structuredClone(bell)));
  }

  advance(ms: number): void {
    this.now += ms;
  }

  /** A new job id of a shard. */
  id(shard = this.shard): string {
    return jobIdIn(`${this.#next().toString(16).padStart(8, "0")}-0000-7000-8000-000000000000`, shard);
  }

  /** A wish for leases, with a claim of its own. */
  lease(over: Partial<LeaseRequest> = {}): LeaseRequest {
    return leaseRequest(`claim-${this.#next()}`, over);
  }

  /** Creates a job that nobody runs yet. */
  async create(over: Partial<NewJob> = {}): Promise<string> {
    const job = newJob(this.id(), over);
    const { results } = await this.storage.createJobs({ shard: this.shard, jobs: [{ job, dedup: null }], lease: null });
    assert.deepEqual(results, [{ outcome: "created", jobId: job.id }]);
    return job.id;
  }

  /** Creates a job and leases it in the same call. */
  async start(over: Partial<NewJob> = {}, lease: Partial<LeaseRequest> = {}): Promise<JobRecord> {
    const job = newJob(this.id(), over);
    const request = this.lease({ blueprints: [job.blueprint], ...lease });
    const jobs = [{ job, dedup: null }];
    const { leased } = await this.storage.createJobs({ shard: this.shard, jobs, lease: request });
    assert.equal(leased.length, 1, "nobody of the blueprint waits, so the new job is leased at once");
    return (leased[0] as LeasedJob).job;
  }

  /** Claims ready jobs. */
  claim(
    over: Partial<LeaseRequest & Pick<ClaimJobs, "dueLimit" | "takeMs" | "silenceMs">> = {},
  ): Promise<Reply<ClaimedJobs>> {
    const { dueLimit = 100, takeMs = 10_000, silenceMs = 5000, ...lease } = over;
    return this.storage.claimJobs({ shard: this.shard, lease: this.lease(lease), dueLimit, takeMs, silenceMs });
  }

  /** Claims the one job that is ready. */
  async claimOne(over: Partial<LeaseRequest> = {}): Promise<LeasedJob> {
    const { jobs } = await this.claim(over);
    assert.equal(jobs.length, 1, "exactly one job is ready");
    return jobs[0] as LeasedJob;
  }

  /** Commits a step that must be accepted; the job as it is then. */
  async commit(job: JobRecord, over: Partial<StepCommit> = {}): Promise<JobRecord> {
    return (await this.commitLeasing(job, null, over)).job;
  }

  /** The same, with a wish to lease what becomes ready. */
  async commitLeasing(
    job: JobRecord,
    lease: LeaseRequest | null,
    over: Partial<StepCommit> = {},
  ): Promise<Extract<Committed, { outcome: "committed" }>> {
    const reply = await this.storage.commitStep({ commit: commit(job, over), lease });
    assert.equal(reply.outcome, "committed");
    return reply as Extract<Committed, { outcome: "committed" }>;
  }

  async details(jobId: string): Promise<JobDetails> {
    const { found } = await this.storage.getJob({ jobId });
    assert.ok(found, `the job ${jobId} is there`);
    return found;
  }

  async job(jobId: string): Promise<JobRecord> {
    return (await this.details(jobId)).job;
  }

  /** A worker asks for tasks. */
  poll(over: Partial<ClaimTasks> = {}): Promise<Reply<ClaimedTasks>> {
    const usual = { lanes: ['["work"]'], limit: 1, capacity: 1000, offerMs: 10_000, lanesSeen: 0 };
    return this.storage.claimTasks({
      shard: this.shard,
      worker: "w1",
      claim: `poll-${this.#next()}`,
      ...usual,
      ...over,
    });
  }

  /** A worker takes so many tasks, and must get them. */
  async take(count = 1, over: Partial<ClaimTasks> = {}): Promise<ClaimedTasks["tasks"][number]["task"][]> {
    const { tasks } = await this.poll({ limit: count, ...over });
    assert.equal(tasks.length, count, `the worker gets ${count} task(s)`);
    return tasks.map(({ task }) => task);
  }

  /** A worker takes one task. */
  async takeOne(over: Partial<ClaimTasks> = {}): Promise<ClaimedTasks["tasks"][number]["task"]> {
    return (await this.take(1, over))[0] as ClaimedTasks["tasks"][number]["task"];
  }

  /** Settles, without leasing. */
  async settle(...settlements: Settlement[]): Promise<Settled[]> {
    return (await this.storage.settleTasks({ shard: this.shard, settlements, lease: null })).results;
  }

  /** Settles one that must be applied. */
  async apply(settlement: Settlement): Promise<void> {
    const [settled] = await this.settle(settlement);
    assert.equal(settled?.outcome, "applied");
  }

  /** The reason for which a settlement is ignored, or "applied". */
  async reason(settlement: Settlement): Promise<string> {
    const [settled] = await this.settle(settlement);
    return settled?.outcome === "ignored" ? settled.reason : "applied";
  }

  /** All bells since the last time, up to those of the calls that were answered. */
  async bells(): Promise<Bell[]> {
    const marker = `marker-${this.#next()}`;
    await this.create({ blueprint: marker });
    while (!this.#bells.some((bell) => bell.kind === "ready" && bell.blueprint === marker)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const heard = this.#bells.splice(0);
    return heard.filter((bell) => bell.kind !== "ready" || bell.blueprint !== marker);
  }

  /** The bells of one kind since the last time. */
  async rung<Kind extends Bell["kind"]>(kind: Kind): Promise<Extract<Bell, { kind: Kind }>[]> {
    return (await this.bells()).filter((bell) => bell.kind === kind) as Extract<Bell, { kind: Kind }>[];
  }

  #next(): number {
    this.#counter += 1;
    return this.#counter;
  }
}
