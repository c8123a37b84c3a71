import type { Policy } from "#core/action";
import type { JobEvent, JobInitial, JobRecord, NewJob } from "#core/job";
import { joinNumbers } from "#core/join";
import type { Json } from "#core/json";
import { laneKey } from "#core/lane";
import type { NewJoin, StepCommit } from "#core/step-commit";
import { type Lane, type TaskAddress, type TaskEnd, type TaskItem, type TaskRecord, taskId } from "#core/task";
import type { LeaseRequest, Settlement, Verdict } from "#storage/storage";

/** A job to be created: blueprint `flow`, owner `alice`, state `start`. */
export function newJob(id: string, over: Partial<NewJob> = {}): NewJob {
  const plain = { blueprint: "flow", owner: "alice", parentId: null, priority: 0, state: "start", watched: false };
  return { id, ...plain, initial: newInitial(), ...over };
}

/** What is written once of a job. */
export function newInitial(over: Partial<JobInitial> = {}): JobInitial {
  return {
    data: { input: 1 },
    client: { id: "alice", plan: null, params: {} },
    metadata: null,
    trace: { traceparent: "00-1-2-01" },
    parentWait: null,
    dispatchTimeoutMs: null,
    resultTimeoutMs: null,
    unchecked: false,
    ...over,
  };
}

/** A wish for leases of a minute on `flow`, for the engine `e1`. */
export function leaseRequest(claim: string, over: Partial<LeaseRequest> = {}): LeaseRequest {
  return { engine: "e1", claim, ms: 60_000, limit: 100, blueprints: ["flow"], ...over };
}

/** The lane of a type, with its canonical id. */
export function laneOfType(type = "work", over: Partial<Omit<Lane, "id" | "type">> = {}): Lane {
  const lane = { type, requirements: null, maxCost: null, strategy: "default" as const, ...over };
  return { id: laneKey(lane), ...lane };
}

/** A task without timeouts but its lease of a minute. */
export function taskItem(over: Partial<TaskItem> = {}): TaskItem {
  return {
    index: 0,
    params: { n: over.index ?? 0 },
    priority: 0,
    timeoutMs: 60_000,
    dispatchTimeoutMs: null,
    resultDue: null,
    retry: { maxRetries: 3, delayMs: 1000, maxDelayMs: 60_000, factor: 2 },
    declared: ["success"],
    ...over,
  };
}

/** `count` items with ascending indexes from `start` on. */
export function taskItems(count: number, start = 0, over: Partial<TaskItem> = {}): TaskItem[] {
  return Array.from({ length: count }, (_, at) => taskItem({ ...over, index: start + at }));
}

/** A join of one task of its own. */
export function singleTask(wait: number, lane: Lane = laneOfType(), item: TaskItem = taskItem()): NewJoin {
  return { wait, single: { lane, item }, groups: [], total: 1, need: 1, allowed: 0, graceMs: 30_000, trace: {} };
}

export interface BranchGroup {
  count: number;
  lane?: Lane;
  priority?: number;
  dispatchTimeoutMs?: number | null;
  resultDue?: number | null;
  /** Null where they were staged before; otherwise they are made here. */
  items?: TaskItem[] | null;
}

/** A fan-out; the indexes of its branches run through the groups. */
export function fanOut(wait: number, policy: Policy, groups: BranchGroup[]): NewJoin {
  let total = 0;
  const made = groups.map(({ count, items, lane = laneOfType(), priority = 0, ...rest }) => {
    const group = { lane, priority, count, dispatchTimeoutMs: null, resultDue: null, ...rest };
    const made = items === undefined ? taskItems(count, total, { priority }) : items;
    total += count;
    return { ...group, items: made };
  });
  return { wait, single: null, groups: made, total, ...joinNumbers(policy, total), graceMs: 30_000, trace: {} };
}

/** A step that keeps the lease and changes nothing, but what is named. */
export function commit(job: JobRecord, over: Partial<StepCommit> = {}): StepCommit {
  const wait = over.wait ?? over.join?.wait ?? null;
  return {
    jobId: job.id,
    id: `commit:${job.id}:${job.version}`,
    claim: job.lease?.claim ?? "none",
    version: job.version,
    cancelSeen: job.cancel !== null,
    status: "running",
    state: job.state,
    head: { ...job.head, waiting: null, waits: wait ?? job.head.waits },
    data: null,
    initial: null,
    next: wait === null ? "keep" : "wait",
    due: null,
    endedAt: null,
    resetProgress: false,
    visit: job.head.visit,
    join: null,
    children: [],
    cancelJobs: [],
    notify: null,
    ...over,
    wait,
  };
}

/** A message from an approver. */
export function decision(id: string, wait: number, over: { decision?: string; metadata?: Json } = {}): JobEvent {
  return {
    id,
    wait,
    kind: "decision",
    decision: "yes",
    comment: null,
    metadata: null,
    decidedBy: null,
    at: 0,
    ...over,
  };
}

/** How an attempt ended: a success, unless told otherwise. */
export function taskEnd(address: TaskAddress, over: Partial<TaskEnd> = {}): TaskEnd {
  const { index, attempt } = address;
  const firstTaskId = taskId({ ...address, attempt: 1 });
  const named = { taskId: taskId(address), firstTaskId, taskType: null, index, attempt };
  return { ...named, status: "success", data: { n: index }, error: null, workerId: null, ...over };
}

/** The place of a task, out of its record. */
export function addressOf({ jobId, wait, index, attempt }: TaskAddress): TaskAddress {
  return { jobId, wait, index, attempt };
}

/** The worker's success. */
export function succeeded(task: TaskRecord, over: Partial<Settlement> = {}): Settlement {
  return settlement(task, { kind: "done", ok: true, end: taskEnd(task), answer: "success" }, over);
}

/** The worker's failure for good. */
export function failed(task: TaskRecord, over: Partial<Settlement> = {}): Settlement {
  return settlement(task, { kind: "done", ok: false, end: failure(task), answer: "failure" }, over);
}

/** The worker's failure, with another attempt at `at`. */
export function retried(task: TaskRecord, at: number, over: Partial<Settlement> = {}): Settlement {
  return settlement(task, { kind: "retry", at, end: failure(task), answer: "failure" }, over);
}

/** Any verdict, sent by the task's holder. */
export function settlement(task: TaskRecord, verdict: Verdict, over: Partial<Settlement> = {}): Settlement {
  return { address: addressOf(task), worker: task.worker, rev: null, verdict, cancelled: false, ...over };
}

/** What the engine sends of a task it judged. */
export function judged(task: TaskRecord, verdict: Verdict): Settlement {
  return settlement(task, verdict, { worker: null, rev: task.rev });
}

/** The end of an attempt that failed. */
export function failure(task: TaskAddress, code = "TRANSIENT_ERROR"): TaskEnd {
  return taskEnd(task, { status: "failure", data: null, error: { code, message: "it broke" } });
}
