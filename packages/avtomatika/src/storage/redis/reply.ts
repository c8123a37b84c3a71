import type { JobEvent, JobHead, JobInitial, JobRecord } from "#core/job";
import type { JoinRecord } from "#core/join";
import type { JsonObject } from "#core/json";
import type { Answer, Lane, PastAttempt, TaskEnd, TaskItem, TaskRecord, TaskResult } from "#core/task";
import type { Bell } from "#storage/bell";
import { fromJson, unpackAll, unpackBody, unpackEnvelope } from "#storage/redis/codec";
import { parseLane } from "#storage/rows/find-lane";
import type { JobDetails, LeasedJob, TaskDetails, WorkerRow } from "#storage/storage";

/** A record as a script tells it: a field that is null is left out, a body is named by its place. */
export type Told = Readonly<Record<string, unknown>>;

/** What a script answered, and the bodies that go with it. */
export class ScriptReply {
  readonly told: Told;
  readonly #bodies: readonly Uint8Array[];

  constructor([envelope, ...bodies]: readonly Uint8Array[]) {
    this.told = unpackEnvelope(envelope as Uint8Array) as Told;
    this.#bodies = bodies;
  }

  get now(): number {
    return this.told["now"] as number;
  }
  get<T>(name: string): T {
    return this.told[name] as T;
  }

  body(place: unknown): unknown {
    return typeof place === "number" ? unpackBody(this.bytes(place)) : null;
  }
  /** A body as it came. */
  bytes(place: unknown): Uint8Array {
    return this.#bodies[(place as number) - 1] as Uint8Array;
  }

  job(told: Told): JobRecord {
    const text = (name: string) => (told[name] ?? null) as string | null;
    const number = (name: string) => (told[name] ?? null) as number | null;
    const engine = text("leaseEngine");
    const cancelId = text("cancelId");
    const progress = number("progressValue");
    return {
      id: told["id"] as string,
      blueprint: told["blueprint"] as string,
      owner: told["owner"] as string,
      parentId: text("parentId"),
      createdAt: told["createdAt"] as number,
      updatedAt: told["updatedAt"] as number,
      endedAt: number("endedAt"),
      priority: told["priority"] as number,
      status: told["status"] as JobRecord["status"],
      state: told["state"] as string,
      version: told["version"] as number,
      writer: text("writer"),
      lease:
        engine === null ? null : { engine, claim: told["leaseClaim"] as string, until: told["leaseUntil"] as number },
      runs: told["runs"] as number,
      ready: number("ready"),
      wait: number("wait"),
      event: told["eventKind"] === undefined ? null : this.#event(told["event"]),
      closedBy: text("closedBy"),
      due: number("due"),
      cancel: cancelId === null ? null : { id: cancelId, at: told["cancelAt"] as number },
      watched: told["watched"] !== undefined,
      progress:
        progress === null
          ? null
          : {
              value: progress,
              message: text("progressMessage"),
              taskId: told["progressTask"] as string,
              updatedAt: told["progressAt"] as number,
            },
      head: this.body(told["head"]) as JobHead,
    };
  }

  /** In a message that a script made, the end of a task stands without its worker. */
  #event(place: unknown): JobEvent {
    const event = this.body(place) as JobEvent & { worker?: string | null };
    if (!("worker" in event)) return event;
    const { worker = null, ...rest } = event as { worker?: string | null } & Record<string, unknown>;
    const name = rest["kind"] === "task" ? "end" : "decisive";
    return { ...rest, [name]: endOf(rest[name], worker) } as unknown as JobEvent;
  }

  leased(told: Told): LeasedJob {
    return {
      job: this.job(told["job"] as Told),
      data: (this.body(told["data"]) ?? {}) as JsonObject,
      initial: this.body(told["initial"]) as JobInitial,
    };
  }
  allLeased(name: string): LeasedJob[] {
    return this.get<Told[]>(name).map((told) => this.leased(told));
  }

  jobDetails(told: Told): JobDetails {
    const { join, task, lanes } = told as Record<string, Told | undefined>;
    return {
      ...this.leased(told),
      join: join === undefined ? null : this.join(join),
      task: task === undefined ? null : this.task(task),
      lanes: (lanes as unknown as Told[]).map((lane) => this.lane(lane)),
    };
  }

  join(told: Told): JoinRecord {
    return { ...told, single: told["single"] !== undefined, trace: this.body(told["trace"]) } as unknown as JoinRecord;
  }

  task(told: Told): TaskRecord {
    const empty = { due: null, worker: null, claim: null, deadline: null, leasedAt: null };
    const item = itemOf(this.bytes(told["item"]));
    const past = told["past"] === undefined ? [] : pastOf(this.body(told["past"]));
    return { ...empty, ...told, item, past } as unknown as TaskRecord;
  }

  result(place: unknown, jobId: string, wait: number, index: number): TaskResult {
    return resultOf(this.bytes(place), jobId, wait, index);
  }

  lane(told: Told): Lane {
    return (told["body"] === undefined ? parseLane(told["id"] as string) : this.body(told["body"])) as Lane;
  }

  taskDetails(told: Told, index: number): TaskDetails {
    const { task, result, lane } = told as Record<string, Told | undefined>;
    const join = this.join(told["join"] as Told);
    return {
      task: task === undefined ? null : this.task(task),
      result: result === undefined ? null : this.result(result, join.jobId, join.wait, index),
      lane: lane === undefined ? null : this.lane(lane),
      join,
      job: told["job"] as TaskDetails["job"],
    };
  }

  worker(told: Told): WorkerRow {
    return { ...told, record: this.body(told["record"]) } as unknown as WorkerRow;
  }
}

/** The bells of one message. A lane whose id doesn't say what it is comes as a body behind them. */
export function readBells(message: Uint8Array): Bell[] {
  const [bells, ...bodies] = unpackAll(message);
  return (fromJson(bells) as Told[]).map((bell) => {
    if (bell["kind"] !== "lane") return bell as unknown as Bell;
    const { body, ...rest } = bell;
    const lane = body === undefined ? parseLane(rest["lane"] as string) : fromJson(bodies[(body as number) - 1]);
    return { ...rest, lane } as unknown as Bell;
  });
}

function itemOf(packed: Uint8Array): TaskItem {
  return fromJson(unpackAll(packed)[4]) as TaskItem;
}

function resultOf(packed: Uint8Array, jobId: string, wait: number, index: number): TaskResult {
  const [, worker, past, end] = unpackAll(packed) as [number, string | null, unknown, unknown];
  return { jobId, wait, index, end: endOf(end, worker), past: pastOf(past) };
}

function endOf(end: unknown, workerId: string | null): TaskEnd {
  return { ...(fromJson(end) as TaskEnd), workerId };
}

/** Attempts are lists of attempt, answer, worker. */
function pastOf(past: unknown): PastAttempt[] {
  return ((past ?? []) as [number, Answer, string?][]).map(([attempt, answer, worker = null]) => ({
    attempt,
    worker,
    answer,
  }));
}
