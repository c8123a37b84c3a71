import type { JobRecord } from "avtomatika/internal/core/job";
import type { JobStatus } from "avtomatika/internal/core/status";
import type { JobDetails } from "avtomatika/internal/storage/storage";
import { RedisStorage } from "avtomatika/redis";
import { pause } from "../kill/http-caller.ts";
import type { Tally } from "../simulate/tally.ts";

/** A job waits for its child on purpose: the child is watched itself. */
const open: readonly JobStatus[] = [
  ...(["pending", "running", "waiting_for_worker", "waiting_for_parallel_tasks"] as const),
  ...(["waiting_for_human", "sleeping", "awaiting_retry"] as const),
];
const withTasks: readonly JobStatus[] = ["waiting_for_worker", "waiting_for_parallel_tasks", "awaiting_retry"];
const everyMs = 1000;
/** Younger waits aren't worth a look at their tasks. */
const youngMs = 4000;
/** The branches of larger fan-outs are seen by their counts alone. */
const fewBranches = 10;

interface Seen {
  /** Changes with each progress. */
  print: string;
  /** When the job was last known to have moved, or to wait on purpose. */
  since: number;
}

/** Looks at the jobs that have not ended, once a second, and measures for how long the idlest one stood still. */
export class StallWatch {
  longest = { ms: 0, what: "" };
  readonly #storage: RedisStorage;
  readonly #tally: Tally;
  #seen = new Map<string, Seen>();
  #lookedAt = Date.now();
  #isOver = false;

  constructor(url: string, tally: Tally) {
    // That it is away now and then is the test's own doing.
    this.#storage = new RedisStorage(url, { warn: () => {} });
    this.#tally = tally;
  }

  async run(): Promise<void> {
    await this.#storage.open();
    while (!this.#isOver) {
      // While Redis is away nothing is seen: the time counts for whoever stands still afterwards.
      await this.#look().catch(() => {});
      await pause(everyMs);
    }
    await this.#storage.close();
  }
  end(): void {
    this.#isOver = true;
  }

  async #look(): Promise<void> {
    const seen = new Map<string, Seen>();
    let now = 0;
    for (const status of open) {
      const filter = { shard: 0, owner: null, status, blueprint: null, withoutDiscarded: false, before: null };
      const answer = await this.#storage.listJobs({ ...filter, limit: 1000 });
      now = answer.now;
      for (const job of answer.jobs) seen.set(job.id, await this.#judge(job, now));
    }
    const { counts } = await this.#storage.countJobs({ shard: 0, owner: null });
    for (const [status, count] of Object.entries(counts)) if (count > 0) this.#tally.add(`status ${status}`);
    this.#seen = seen;
    this.#lookedAt = now;
  }

  async #judge(job: JobRecord, now: number): Promise<Seen> {
    const before = this.#seen.get(job.id);
    const details = withTasks.includes(job.status) && now - job.updatedAt > youngMs ? await this.#details(job) : null;
    const tasks = details === null ? "" : await this.#tasks(details);
    const print = `${job.version} ${tasks}`;
    // It may have moved at once after the last look.
    if (before === undefined) return { print, since: Math.max(job.updatedAt, this.#lookedAt) };
    if (before.print !== print) return { print, since: this.#lookedAt };
    if (isOnPurpose(job, details, now)) return { print, since: now };
    const ms = now - before.since;
    if (ms > this.longest.ms) {
      const { id, status, runs, ready, lease, due } = job;
      const lanes = details?.lanes.map((lane) => lane.id);
      const state = { status, runs, ready, lease, due, now, tasks, lanes, task: details?.task };
      this.longest = { ms, what: `job ${id} ${JSON.stringify(state)}` };
    }
    return before;
  }

  async #details({ id }: JobRecord): Promise<JobDetails | null> {
    return (await this.#storage.getJob({ jobId: id, watch: false })).found;
  }

  async #tasks({ job, join, task }: JobDetails): Promise<string> {
    if (join === null || job.wait === null) return "";
    const counts = `${join.ok} ${join.failed}`;
    if (task !== null) return `${counts} ${progressOf(task)}`;
    if (join.total > fewBranches) return counts;
    const own = Array.from({ length: join.total }, async (_, index) => {
      const address = { jobId: job.id, wait: join.wait, index, attempt: 1 };
      const { found } = await this.#storage.getTask({ address });
      return found?.task ? progressOf(found.task) : "";
    });
    return `${counts} ${(await Promise.all(own)).join(" ")}`;
  }
}

function progressOf({ attempt, state, worker }: { attempt: number; state: string; worker: string | null }): string {
  return `${attempt} ${state} ${worker}`;
}

function isOnPurpose(job: JobRecord, details: JobDetails | null, now: number): boolean {
  if (job.status === "waiting_for_human") return job.due === null || job.due > now;
  if (job.status === "sleeping") return (job.due ?? 0) > now;
  if (job.status !== "awaiting_retry") return false;
  return (job.due ?? details?.task?.due ?? 0) > now;
}
