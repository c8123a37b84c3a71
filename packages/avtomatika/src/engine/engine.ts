import type { BlueprintDefinition } from "#core/definition";
import type { Json, JsonObject } from "#core/json";
import { isObject } from "#core/plain-object";
import { parseTaskId } from "#core/task";
import { type Assembly, assemble } from "#engine/assemble";
import { bears } from "#engine/bears-token";
import { createJobs } from "#engine/create-jobs";
import type { EngineOptions, EngineParts } from "#engine/engine-options";
import { explain } from "#engine/explain";
import { hearBell } from "#engine/hear-bell";
import type { Decision } from "#engine/job-access";
import { countJobs, type ListFilter, listJobs } from "#engine/list-jobs";
import type { Bearer, Caller, Creation, Explanation, Orchestrator, Poll, ResultMessage } from "#engine/orchestrator";
import type { RateLimiter } from "#engine/rate-limiter";
import { isAway, requestPatienceMs } from "#engine/store-caller";

/** The engine without its HTTP server: jobs, tasks and workers over one store. */
export class Engine implements Orchestrator {
  readonly #parts: Assembly;
  readonly #options: EngineOptions;
  #stopListening: () => void = () => {};

  constructor(parts: EngineParts) {
    this.#parts = assemble(parts);
    this.#options = parts.options;
  }

  /** Listens, recovers what a former engine left, and begins to work. The store must be open. */
  async start(): Promise<void> {
    const { storage, caller, registry, revocations, loops, desk, others, limiter, upkeep } = this.#parts;
    this.#stopListening = storage.listen((bell) => hearBell(this.#parts, bell));
    await registry.pull();
    await registry.pullStandings();
    await revocations.pull(storage, caller);
    await Promise.all(loops.map((loop) => loop.start()));
    await desk.look();
    await limiter.keepSeat();
    upkeep.start();
    others.greet(true).catch(() => {});
  }

  /** Takes no more jobs, hands out no more tasks, and gives running handlers their time; the rest is given back. */
  async drain(): Promise<void> {
    const { desk, loops, runner, leases } = this.#parts;
    desk.pause();
    for (const loop of loops) loop.stop();
    const rest = await runner.drain(this.#options.drainMs);
    await this.#unlessAway(() => leases.release(rest));
  }

  /** Answers parked polls, writes what is pending and stops; the store stays open. */
  async stop(): Promise<void> {
    const { desk, upkeep, progress, registry, caller, loops } = this.#parts;
    desk.pause();
    desk.releaseAll();
    upkeep.stop();
    for (const loop of loops) loop.stop();
    await this.#unlessAway(() => progress.flush());
    await this.#unlessAway(() => registry.close());
    caller.stop();
    this.#stopListening();
  }

  /** Nobody waits for a store that is away in order to stop: leases that it wasn't told of run out by themselves. */
  async #unlessAway(call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (!isAway(error)) throw error;
      this.#parts.caller.stop();
    }
  }

  /** Keeps the limits of `options.rateLimits`; the server asks it. */
  get limiter(): RateLimiter {
    return this.#parts.limiter;
  }

  /** What it holds at this instant, for checks and figures. */
  snapshot() {
    const { runner, desk, registry, caller } = this.#parts;
    const { polls, held } = desk.snapshot();
    return {
      callsUnderWay: caller.underWay,
      freeSlots: runner.stopping ? 0 : runner.running.free,
      polls: polls.map((poll) => ({ ...poll, worker: registry.get(poll.workerId) })),
      held,
    };
  }

  now(): number {
    return this.#parts.caller.clock.now();
  }
  async ready(): Promise<boolean> {
    const { caller, storage } = this.#parts;
    try {
      await caller.call(() => storage.listWorkers({ since: Number.MAX_SAFE_INTEGER }), 0);
      return true;
    } catch {
      return false;
    }
  }
  blueprints(): readonly BlueprintDefinition[] {
    return [...this.#parts.known.values()];
  }
  blueprint(name: string): BlueprintDefinition | undefined {
    return this.#parts.blueprint(name);
  }

  createJobs(creations: readonly Creation[]) {
    return createJobs(creations, { ...this.#parts, idempotencyTtlMs: this.#options.idempotencyTtlMs });
  }
  getJob(who: Caller, jobId: string, wait?: { waitMs: number; signal: AbortSignal }) {
    const { access } = this.#parts;
    return wait === undefined ? access.find(who, jobId) : access.wait(who, jobId, wait.waitMs, wait.signal);
  }
  async explain(who: Caller, jobId: string): Promise<Explanation | null> {
    const { access, settings, blueprint, registry } = this.#parts;
    const details = await access.find(who, jobId);
    if (details === null) return null;
    const workers = registry.active(settings.livenessMs);
    return explain(details, { now: this.now(), maxRetries: settings.retry.maxRetries, blueprint, workers });
  }
  cancel(who: Caller, jobId: string) {
    return this.#parts.access.cancel(who, jobId);
  }
  async decide(by: Caller | Bearer, jobId: string, decision: Decision) {
    const who = "token" in by ? null : by;
    const details = await this.#parts.access.find(who, jobId);
    const isBorne = details !== null && (!("token" in by) || bears(by, details.job));
    if (!isBorne) return { outcome: "unknown" as const, allowed: [] };
    return this.#parts.access.decide(details, who?.clientId ?? null, decision);
  }
  async requeue(who: Caller, jobId: string, order: { state: string | null; patch: Json | undefined }) {
    const details = await this.#parts.access.find(who, jobId);
    if (details === null) return { outcome: "unknown" as const, states: [] };
    return this.#parts.access.requeue(details, order);
  }
  async discard(who: Caller, jobId: string) {
    const details = await this.#parts.access.find(who, jobId);
    return details === null ? "unknown" : this.#parts.access.discard(details);
  }
  listJobs(who: Caller, filter: ListFilter) {
    const { storage, caller } = this.#parts;
    return listJobs(who.admin ? null : who.clientId, filter, storage, caller);
  }
  countJobs(who: Caller) {
    const { storage, caller } = this.#parts;
    return countJobs(who.admin ? null : who.clientId, storage, caller);
  }

  registerWorker(workerId: string, record: JsonObject): Promise<void> {
    return this.#parts.registry.register(workerId, record);
  }
  heartbeat(workerId: string, changes: JsonObject | null): Promise<{ record: JsonObject; cancelTaskIds: string[] }> {
    const { registry, progress, revocations } = this.#parts;
    const { record } = registry.heartbeat(workerId, changes);
    const reported = changes?.["progress"];
    if (isObject(reported)) {
      for (const [taskId, entry] of Object.entries(reported)) {
        if (isObject(entry)) progress.put(workerId, taskId, entry["progress"], entry["message"]);
      }
    }
    return Promise.resolve({ record, cancelTaskIds: revocations.of(workerId) });
  }
  heard(workerId: string): void {
    this.#parts.registry.heard(workerId);
  }
  async poll(workerId: string, options: { limit: number; holdMs: number; signal: AbortSignal }): Promise<Poll | null> {
    const { registry, desk, handOver } = this.#parts;
    registry.heard(workerId);
    const claimed = await desk.poll(workerId, options);
    return claimed === null ? null : handOver.poll(workerId, claimed);
  }
  async results(messages: readonly ResultMessage[]) {
    for (const { worker } of messages) this.#parts.registry.heard(worker);
    return this.#parts.settling.results(messages);
  }
  async taskState(isOwn: (holder: string | null) => boolean, taskId: string): Promise<"open" | "cancelled" | "stale"> {
    const address = parseTaskId(taskId);
    if (address === null) return "stale";
    const { caller, storage } = this.#parts;
    const { found } = await caller.call(() => storage.getTask({ address }), requestPatienceMs);
    const task = found?.task;
    if (task == null || task.attempt !== address.attempt || task.state === "delayed") return "stale";
    if (!isOwn(task.worker)) return "stale";
    const isClosed = task.state === "revoked" || task.state === "withdrawn" || found?.job.cancelled === true;
    return isClosed ? "cancelled" : "open";
  }
  cutPoll(workerId: string): void {
    this.#parts.desk.cut(workerId);
  }
  async dismissWorker(workerId: string): Promise<void> {
    const { desk, registry, revocations, handOver } = this.#parts;
    desk.cut(workerId);
    for (const taskId of await registry.dismiss(workerId)) {
      handOver.forget(taskId);
      revocations.forget(taskId);
    }
  }
  workers() {
    const { registry, settings } = this.#parts;
    return registry.active(settings.livenessMs).map(({ id, record, seenAt, openTasks, reputation }) => ({
      id,
      record,
      seenAt,
      openTasks: openTasks.size,
      reputation,
    }));
  }
}
