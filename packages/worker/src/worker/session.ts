import { randomUUID } from "node:crypto";
import { Backoff } from "#engine/backoff";
import { Bell } from "#engine/bell";
import { EngineClient } from "#engine/engine-client";
import { Heart } from "#engine/heart";
import { atMost } from "#engine/pause";
import { Poller } from "#engine/poller";
import { ResultSender } from "#engine/result-sender";
import { Trouble } from "#engine/trouble";
import { FileDesk } from "#files/file-desk";
import { openStore } from "#files/object-store";
import type { Settings } from "#options/settings";
import type { HeldTask } from "#task/held-task";
import { ProgressReports } from "#task/progress-reports";
import { type ReceivedTask, readTask } from "#task/received-task";
import { runTask } from "#task/run-task";
import { TaskDesk } from "#task/task-desk";
import type { TaskRegistry } from "#task/task-registry";

/** How long the last words to an engine may take. */
const farewellMs = 2000;
/** How long a handler has after its worker's drain timeout. */
const stopGraceMs = 2000;
/** How long results may take after that. */
const lastResultsMs = 2000;
const lastProgressMs = 1000;

/** The life of a worker between `start()` and `stop()`: everything that is under way. */
export class Session {
  readonly #settings: Settings;
  /** In the record as `sdk_process`: shows whose registration the engine knows. It begins with the start, so that the newer one is greater. */
  readonly #process = `${new Date().toISOString()}/${randomUUID()}`;
  readonly #bell = new Bell();
  readonly #progress = new ProgressReports();
  readonly #client: EngineClient;
  readonly #desk: TaskDesk;
  readonly #heart: Heart;
  readonly #poller: Poller;
  readonly #sender: ResultSender;
  #files: FileDesk | null = null;
  #status: "draining" | "offline" | null = null;
  #warnedOfTwin = false;
  #hasTold = false;

  constructor(settings: Settings, registry: TaskRegistry) {
    this.#settings = settings;
    const { logger, maxConcurrentTasks, abortGraceMs, workerId } = settings;
    const trouble = new Trouble(logger, addressOf(settings.url));
    const client = new EngineClient(settings);
    this.#client = client;
    this.#desk = new TaskDesk({
      registry,
      maxConcurrentTasks,
      abortGraceMs,
      run: (held) => this.#run(held),
      onResult: ({ task }, result) => this.#sender.add(task.jobId, task.taskId, result),
      onChange: (typesChanged) => {
        this.#heart.changed(typesChanged);
        this.#bell.ring();
      },
    });
    this.#sender = new ResultSender({
      client,
      workerId,
      trouble,
      logger,
      backoff: new Backoff(),
      onDelivered: (taskId) => {
        this.#desk.delivered(taskId);
        this.#files?.end(taskId);
        this.#bell.ring();
      },
    });
    this.#heart = new Heart({
      client,
      trouble,
      backoff: new Backoff(),
      progress: this.#progress,
      intervalMs: settings.heartbeatIntervalMs,
      state: () => this.#state(),
      types: () => this.#desk.types(),
      onCancel: (ids) => this.#desk.abort(ids, "cancelled"),
      onRecord: (record) => this.#compare(record),
    });
    this.#poller = new Poller({
      client,
      trouble,
      backoff: new Backoff(),
      bell: this.#bell,
      // While results can't be delivered there is no point in more of them.
      room: () => (this.#sender.isStuck ? 0 : this.#desk.room()),
      telling: () => this.#heart.telling(),
      record: () => this.#record(),
      take: (tasks) => this.#take(tasks),
      onRegistered: () => {
        this.#tellRegistered();
        this.#heart.start();
        this.#sender.hurry();
      },
    });
  }

  /** Resolves with the first registration; rejects, with nothing left open, if it is refused. */
  async start(): Promise<void> {
    const { s3, taskFilesDir, logger } = this.#settings;
    const store = s3 && (await openStore(s3));
    this.#files = new FileDesk({ root: taskFilesDir, store, bucket: s3?.bucket ?? "", logger });
    try {
      await this.#poller.start();
    } catch (error) {
      await this.#poller.stop();
      await this.#close();
      throw error;
    }
  }

  /** Lets what runs come to its end, delivers it, and takes leave. */
  async stop(): Promise<void> {
    this.#status = "draining";
    if (this.#poller.hasRegistered) await this.#drain();
    else await this.#poller.stop();
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#client.close();
    await this.#files?.close();
  }

  async #drain(): Promise<void> {
    const { drainTimeoutMs, abortGraceMs, logger } = this.#settings;
    await atMost(farewellMs, this.#heart.beat());
    // What went into an answer that nobody reads is given back, since the registration doesn't name it.
    const lostAnAnswer = await this.#poller.stop();
    if (lostAnAnswer) await atMost(farewellMs, this.#client.register(this.#record()));

    const isDone = (): boolean => this.#desk.taskIds().length === 0;
    await atMost(drainTimeoutMs, this.#bell.until(isDone));
    if (!isDone()) {
      const ids = this.#desk.taskIds();
      logger.warn({ taskIds: ids }, "the drain timeout is over: what still runs is aborted");
      this.#desk.abort(ids, "stopping", Math.min(abortGraceMs, stopGraceMs));
      await this.#bell.until(() => this.#desk.load === 0);
      this.#sender.hurry();
      await atMost(lastResultsMs, this.#bell.until(isDone));
    }
    if (!isDone()) logger.error({ taskIds: this.#desk.taskIds() }, "the engine is away: these results are lost");

    this.#status = "offline";
    this.#sender.close();
    this.#heart.stop();
    await atMost(farewellMs, this.#heart.beat());
    this.#heart.close();
  }

  async #run(held: HeldTask): Promise<string> {
    const { taskId, jobId, type } = held.task;
    let isOver = false;
    const progress = async (value: number, message?: string): Promise<void> => {
      if (isOver) return;
      this.#progress.put(taskId, value, message);
      this.#heart.progressed();
    };
    const logger = this.#settings.logger.child({ taskId, jobId, taskType: type });
    const files = (this.#files as FileDesk).begin(held.task);
    const result = await runTask(held, { logger, progress, files });
    isOver = true;
    // Progress counts while the task is open: the last one goes before the result.
    if (this.#progress.has(taskId)) await atMost(lastProgressMs, this.#heart.beat(taskId));
    this.#progress.forget(taskId);
    return result;
  }

  #take(tasks: readonly unknown[]): number {
    const read = tasks.map((task) => readTask(task, this.#client.clock));
    const whole = read.filter((task): task is ReceivedTask => task !== undefined);
    if (whole.length < tasks.length)
      this.#settings.logger.error("a task without ids was handed out; it is passed over");
    return this.#desk.take(whole);
  }

  #record(): Record<string, unknown> {
    return {
      ...this.#settings.record,
      supported_tasks: this.#desk.types(),
      current_tasks: this.#desk.taskIds(),
      sdk_process: this.#process,
      ...(this.#status !== null && { status: this.#status }),
    };
  }

  /** Once: that the engine comes and goes is told otherwise. */
  #tellRegistered(): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const { logger, workerId, url } = this.#settings;
    const [engine, taskTypes] = [addressOf(url), this.#desk.types()];
    logger.info(
      { workerId, taskTypes, engine },
      `${workerId} takes ${taskTypes.join(", ")} from the engine at ${engine}`,
    );
  }

  #state(): Record<string, unknown> {
    const { load } = this.#desk;
    const isFull = load >= this.#settings.maxConcurrentTasks;
    return {
      load,
      status: this.#status ?? (isFull ? "busy" : "idle"),
      supported_tasks: this.#desk.types(),
      current_tasks: this.#desk.taskIds(),
    };
  }

  /** Whether the engine still has what this process registered. Of two processes with one id only the newer one insists. */
  #compare(record: Record<string, unknown> | null): void {
    const known = record?.["sdk_process"];
    if (known === this.#process || this.#status !== null) return;
    if (typeof known !== "string" || known < this.#process) return this.#poller.forgotten();
    if (this.#warnedOfTwin) return;
    this.#warnedOfTwin = true;
    this.#settings.logger.error("another process has registered with this worker's id; each needs its own");
  }
}

/** Without what may be secret in it. */
function addressOf({ origin, pathname }: URL): string {
  return origin + pathname.replace(/\/+$/, "");
}
