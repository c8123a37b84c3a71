import type { JobRecord } from "#core/job";
import type { Lane, TaskRecord } from "#core/task";
import {
  commit,
  decision,
  failed,
  fanOut,
  judged,
  laneOfType,
  leaseRequest,
  newJob,
  retried,
  settlement,
  singleTask,
  succeeded,
  taskItem,
} from "#storage/testkit/builders";
import type { PortCall } from "./differential-calls.ts";

const lanes: Lane[] = [laneOfType("resize"), laneOfType("resize", { maxCost: 2 }), laneOfType("mail")];
const workers = ["w1", "w2", "w3"];
const blueprints = ["flow", "other"];

/** Makes calls that mostly make sense, out of what the replies of the earlier ones told. */
export class World {
  now = 1_700_000_000_123;
  readonly #random: () => number;
  readonly #makers: readonly ((world: World) => PortCall)[];
  readonly #leased = new Map<string, JobRecord>();
  readonly #jobs: string[] = [];
  readonly #tasks: TaskRecord[] = [];
  readonly #charged: string[] = [];
  /** Waits that a message may close: one of tasks is closed by its join alone. */
  readonly #waits: { jobId: string; wait: number }[] = [];
  #last: PortCall | null = null;
  #count = 0;

  /** `makers` is the choice of calls, the usual ones more often. */
  constructor(random: () => number, makers: readonly ((world: World) => PortCall)[]) {
    this.#random = random;
    this.#makers = makers;
  }

  /** The next call: sometimes the last one again, as after a lost reply. */
  next(): PortCall {
    if (this.#chance(0.5)) this.now += this.#int(this.#chance(0.05) ? 100_000 : 2000);
    if (this.#last !== null && this.#chance(0.05)) return this.#last;
    this.#last = this.#pick(this.#makers)(this);
    return this.#last;
  }

  /** Learns from a reply. */
  learn(call: PortCall, reply: unknown): void {
    const told = reply as { leased?: unknown; jobs?: unknown; job?: JobRecord; tasks?: unknown; outcome?: string };
    if (call.name === "commitStep" && told.outcome === "committed") {
      const { jobId, wait, join } = call.input.commit;
      if (wait !== null && join === null) this.#waits.push({ jobId, wait });
    }
    for (const entry of [told.leased, told.jobs].flat()) {
      const job = (entry as { job?: JobRecord } | null | undefined)?.job;
      if (job !== undefined && job.lease !== null) this.#leased.set(job.id, job);
    }
    if (told.job?.lease) this.#leased.set(told.job.id, told.job);
    for (const entry of [told.tasks].flat()) {
      const task = (entry as { task?: TaskRecord | null } | undefined)?.task;
      if (task) this.#tasks.push(task);
    }
    if (this.#tasks.length > 60) this.#tasks.splice(0, 20);
  }

  id(): string {
    this.#count += 1;
    return `${this.#count.toString(16).padStart(8, "0")}-0000-7000-8000-000000000000`;
  }
  text(): string {
    this.#count += 1;
    return `x${this.#count}`;
  }
  newJob() {
    const over = { blueprint: this.#pick(blueprints), owner: this.#pick(["alice", "bob"]), priority: this.#int(3) - 1 };
    const job = newJob(this.id(), { ...over, watched: this.#chance(0.3) });
    this.#jobs.push(job.id);
    return job;
  }
  lease() {
    return this.#chance(0.3) ? null : this.claimLease();
  }
  claimLease() {
    return leaseRequest(this.text(), { limit: 1 + this.#int(3), ms: 20_000, blueprints: this.#some(blueprints) });
  }
  /** A job's id that a quota is charged for: mostly a new one. */
  toCharge(): string {
    if (this.#chance(0.1)) return this.charged();
    const id = this.id();
    this.#charged.push(id);
    return id;
  }
  charged(): string {
    return this.#charged.length === 0 ? "none" : this.#pick(this.#charged.slice(-20));
  }
  jobId(): string {
    return this.#jobs.length === 0 ? "none" : (this.#jobs[this.#int(this.#jobs.length)] as string);
  }
  /** A job that was leased, and most likely is. */
  leasedJob(): JobRecord | null {
    const jobs = [...this.#leased.values()];
    if (jobs.length === 0) return null;
    const job = this.#pick(jobs);
    if (this.#chance(0.9)) this.#leased.delete(job.id);
    return job;
  }
  task(): TaskRecord | null {
    return this.#tasks.length === 0 ? null : this.#pick(this.#tasks);
  }
  worker(): string {
    return this.#pick(workers);
  }
  lanes(): string[] {
    return this.#some(lanes).map((lane) => lane.id);
  }

  commitOf(job: JobRecord): PortCall {
    const wait = job.head.waits + 1;
    const waits = { status: "sleeping" as const, wait, next: "wait" as const };
    const kind =
      job.cancel !== null
        ? "end"
        : this.#pick(["single", "single", "fan", "fan", "sleep", "human", "child", "keep", "ready", "end"]);
    const over = {
      single: () => ({
        status: "waiting_for_worker" as const,
        join: singleTask(wait, this.#pick(lanes), this.#item(0)),
      }),
      fan: () => ({ status: "waiting_for_parallel_tasks" as const, join: this.#fan(wait) }),
      sleep: () => ({ ...waits, due: this.now + this.#int(5000) }),
      human: () => ({ ...waits, status: "waiting_for_human" as const }),
      child: () => ({ ...waits, children: [this.newJob()] }),
      keep: () => ({ data: { n: this.#int(100) } }),
      ready: () => ({ next: "ready" as const, data: {} }),
      end: () => ({
        next: "ended" as const,
        status: job.cancel === null ? ("finished" as const) : ("cancelled" as const),
        endedAt: this.now,
        due: this.now + 50_000,
        cancelJobs: this.#chance(0.2) ? [this.jobId()] : [],
        notify: this.#chance(0.3) ? this.message() : null,
      }),
    }[kind as "single"]();
    const step = commit(job, { visit: job.head.visit, id: this.text(), ...over });
    return { name: "commitStep", input: { commit: step, lease: this.lease() } };
  }

  /** Closes a wait, most likely one that is open. */
  message() {
    const { jobId, wait } = this.#waits.length === 0 ? { jobId: "none", wait: 1 } : this.#pick(this.#waits.slice(-20));
    return { jobId, event: decision(this.text(), wait) };
  }

  settlementOf(task: TaskRecord) {
    const at = this.now + this.#int(3000);
    const all = [
      succeeded(task),
      succeeded(task, { cancelled: this.#chance(0.5) }),
      failed(task),
      retried(task, at),
      settlement(task, { kind: "return" }),
      judged(task, { kind: "extend", due: at }),
      judged(task, { kind: "drop" }),
      succeeded(task, { worker: this.worker() }),
    ];
    return this.#pick(all);
  }

  flip(): boolean {
    return this.#chance(0.5);
  }
  int(below: number): number {
    return this.#int(below);
  }
  pick<T>(values: readonly T[]): T {
    return this.#pick(values);
  }

  #fan(wait: number) {
    const group = () => ({
      // Two groups make ten branches at most: memory sorts those of one score as texts.
      count: 1 + this.#int(5),
      lane: this.#pick(lanes),
      priority: this.#int(2),
      dispatchTimeoutMs: this.#chance(0.3) ? this.#int(8000) : null,
    });
    const [one, two] = [group(), group()];
    return fanOut(wait, this.#pick(["all", "any", "settled", { quorum: 1 }]), this.#chance(0.5) ? [one] : [one, two]);
  }
  #item(index: number) {
    return taskItem({ index, dispatchTimeoutMs: this.#chance(0.3) ? this.#int(8000) : null });
  }
  #chance(share: number): boolean {
    return this.#random() < share;
  }
  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }
  #pick<T>(values: readonly T[]): T {
    return values[this.#int(values.length)] as T;
  }
  #some<T>(values: readonly T[]): T[] {
    return values.filter(() => this.#chance(0.8));
  }
}
