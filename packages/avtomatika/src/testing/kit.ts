import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import type { Json } from "#core/json";
import { didYouMean } from "#core/nearest";
import { refuseUnknown } from "#core/refuse-unknown";
import { hasEnded } from "#core/status";
import { toJson } from "#core/to-json";
import { type CreateJobOptions, createJob } from "#server/create-job";
import { type Duration, readDuration } from "#testing/duration";
import type { HistoryEntry } from "#testing/history";
import { type JobView, viewJob } from "#testing/job-view";
import { checkWorker, wrong } from "#testing/kit-options";
import { advance, nextDue, rest, travel } from "#testing/rest";
import type { Stage } from "#testing/stage";
import { admin, explainStandstill } from "#testing/stuck";
import type { TaskFunction, WorkerOptions } from "#testing/test-worker";

const workerOptions = ["maxConcurrentTasks", "costPerSecond", "resources", "capabilities", "installedModels"];

/** A blueprint in a world of its own, for one test. Made by `testBlueprint`. */
export class TestKit {
  readonly #stage: Stage;
  readonly #blueprint: string;
  #keys = 0;
  #closed = false;

  constructor(stage: Stage, blueprint: string) {
    this.#stage = stage;
    this.#blueprint = blueprint;
  }

  /**
   * Who does the tasks of a type; a second call for the type replaces the first. What it returns follows the rules of
   * the worker SDK. Task types without a worker wait.
   */
  worker(type: string, perform: TaskFunction): void;
  worker(type: string, options: WorkerOptions, perform: TaskFunction): void;
  worker(type: string, ...rest: [TaskFunction] | [WorkerOptions, TaskFunction]): void {
    const [options, perform] = rest.length === 1 ? [{}, rest[0]] : rest;
    this.#refuseIfClosed();
    checkWorker(type, perform);
    refuseUnknown(`the worker of ${quote(type)}`, options, workerOptions);
    this.#stage.worker(type, perform, options, () => false);
  }

  /** Creates a job; answers its id. It begins to run, and goes on with the next call of the kit. */
  async create(initialData: object = {}, options: CreateJobOptions = {}): Promise<string> {
    this.#refuseIfClosed();
    // With a key it is created once, even if the engine crashes before it has answered.
    const keyed = { clientId: admin.clientId, idempotencyKey: `test-kit-${++this.#keys}`, ...options };
    return this.#stage.ask((engine) => createJob(engine, this.#blueprint, initialData, keyed));
  }

  /** Creates a job; resolves with its view when it has ended, or only time or a person can move it. */
  async run(initialData: object = {}, options: CreateJobOptions = {}): Promise<JobView> {
    return this.#rested(await this.create(initialData, options));
  }

  /** The job as it is now. Throws for an unknown id. */
  async get(id: string): Promise<JobView> {
    this.#refuseIfClosed();
    const [details, isKnown] = await this.#stage.ask(async (engine) => {
      const found = await engine.getJob(admin, id);
      return [found, found !== null && engine.blueprint(found.job.blueprint) !== undefined] as const;
    });
    if (details === null) throw notFound(id);
    return viewJob(details, isKnown);
  }

  /** Why the job is where it is, in words; of one that waits for a child, also why that does. */
  async explain(id: string): Promise<string> {
    this.#refuseIfClosed();
    await rest(this.#stage);
    return (await this.#standstill(id)).text;
  }

  /** Takes a decision that a job waits for. Throws if it isn't one of the declared ones, or the job waits for none. */
  async approve(id: string, decision: string, options: { comment?: string; metadata?: object } = {}): Promise<JobView> {
    this.#refuseIfClosed();
    refuseUnknown("approve", options, ["comment", "metadata"]);
    await rest(this.#stage);
    const metadata: Json = options.metadata === undefined ? null : toJson(options.metadata, "metadata");
    const order = { decision, comment: options.comment ?? null, metadata };
    const answer = await this.#stage.ask(async (engine, repeated) => {
      const { outcome, allowed } = await engine.decide(admin, id, order);
      return { outcome: repeated && outcome === "closed" ? "accepted" : outcome, allowed };
    });
    const { outcome, allowed } = answer;
    if (outcome === "closed") throw await this.#conflict(id, "waits for no decision");
    if (outcome === "invalid") throw wrong(`${quote(decision)} can't be decided${choices(decision, allowed)}`);
    return this.#rested(id, outcome === "unknown");
  }

  /** Cancels a job; a handler that runs gets its `signal`. Throws for a job that has ended. */
  async cancel(id: string): Promise<JobView> {
    this.#refuseIfClosed();
    const outcome = await this.#stage.ask(async (engine, repeated) => {
      const answer = await engine.cancel(admin, id);
      return repeated && answer === "ended" ? "accepted" : answer;
    });
    if (outcome === "ended") throw await this.#conflict(id, "has ended");
    return this.#rested(id, outcome === "unknown");
  }

  /** Sends a quarantined job on: in its state or in `state`, `patch` merged into `stateHistory` (JSON merge patch). */
  async requeue(id: string, options: { state?: string; patch?: object } = {}): Promise<JobView> {
    this.#refuseIfClosed();
    refuseUnknown("requeue", options, ["state", "patch"]);
    const patch = options.patch === undefined ? undefined : toJson(options.patch, "patch");
    const order = { state: options.state ?? null, patch };
    const answer = await this.#stage.ask(async (engine, repeated) => {
      const { outcome, states } = await engine.requeue(admin, id, order);
      return { outcome: repeated && outcome === "closed" ? "accepted" : outcome, states };
    });
    if (answer.outcome === "closed") throw await this.#conflict(id, "is not quarantined");
    if (answer.outcome === "invalid_state")
      throw wrong(`there is no state ${quote(order.state ?? "")}${choices(order.state ?? "", answer.states)}`);
    return this.#rested(id, answer.outcome === "unknown");
  }

  /** Gives a quarantined job up. */
  async discard(id: string): Promise<JobView> {
    this.#refuseIfClosed();
    const outcome = await this.#stage.ask(async (engine, repeated) => {
      const answer = await engine.discard(admin, id);
      return repeated && answer === "closed" ? "accepted" : answer;
    });
    if (outcome === "closed") throw await this.#conflict(id, "is not quarantined, or was discarded");
    return this.#rested(id, outcome === "unknown");
  }

  /** Lets time pass and runs everything that falls due, in its order. A number is milliseconds. */
  async advance(duration: Duration): Promise<void> {
    this.#refuseIfClosed();
    await advance(this.#stage, this.#stage.time.now() + readDuration(duration));
  }

  /** Resolves once the job has ended; time moves on as far as needed. Rejects if time alone doesn't move it, and says why. */
  async settled(id: string): Promise<JobView> {
    for (;;) {
      const job = await this.#rested(id);
      if (hasEnded(job.status)) return job;
      const { text, needsPerson } = await this.#standstill(id);
      const due = needsPerson ? null : nextDue(this.#stage);
      if (due === null) throw new AvtomatikaError("conflict", `job ${id} can't go on by itself: ${text}`);
      await travel(this.#stage, due);
    }
  }

  /** What happened to a job: the states in order, with what came of each run that was stored. */
  history(id: string): HistoryEntry[] {
    const isThere = this.#stage.store.inspect().some(({ jobs }) => jobs.records.has(id));
    if (!isThere) throw notFound(id);
    return this.#stage.histories.of(id);
  }

  /**
   * The engine dies, here and now, and another starts: what it had not stored is lost. Handlers in flight run again.
   * May be called from a handler, a `once` function or a worker.
   */
  crash(): void {
    this.#refuseIfClosed();
    this.#stage.kill();
    this.#stage.boot();
  }

  /** The kit's time, as handlers see it by `now()`. */
  now(): Date {
    return new Date(Math.floor(this.#stage.time.now()));
  }

  /** Ends it: nothing runs any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stage.kill();
    for (const { process } of this.#stage.workers.values()) process.kill();
  }

  async #rested(id: string, isUnknown = false): Promise<JobView> {
    if (isUnknown) throw notFound(id);
    await rest(this.#stage);
    return this.get(id);
  }

  async #standstill(id: string) {
    const standstill = await explainStandstill(this.#stage, id);
    if (standstill === null) throw notFound(id);
    return standstill;
  }

  async #conflict(id: string, what: string): Promise<AvtomatikaError> {
    return new AvtomatikaError("conflict", `job ${id} ${what}: ${(await this.#standstill(id)).text}`);
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new AvtomatikaError("engine_state", "the test kit was closed");
  }
}

function choices(given: string, known: readonly string[]): string {
  return `${didYouMean(given, known)} (expected one of ${known.map(quote).join(", ")})`;
}

function notFound(id: string): AvtomatikaError {
  return new AvtomatikaError("not_found", `there is no job ${quote(String(id))}`);
}
