import type { JobRecord, NewJob, Waiting } from "#core/job";
import type { NewJoin, StepCommit } from "#core/step-commit";
import type { Lane, TaskItem } from "#core/task";
import { type BranchGroup, fanOut, singleTask } from "#storage/testkit/builders";

// The steps that jobs take in the suite, as what they change against `commit(job)`.

/** Dispatches a task of its own and waits for it. */
export function awaitTask(job: JobRecord, lane?: Lane, item?: TaskItem): Partial<StepCommit> {
  const join = singleTask(job.head.waits + 1, lane, item);
  const waiting: Waiting = { kind: "worker", taskType: "work", transitions: {}, since: job.updatedAt, until: null };
  return waitFor(job, join.wait, waiting, { join, status: "waiting_for_worker" });
}

/** Dispatches a fan-out and waits for its join; `all`, unless told otherwise. */
export function awaitBranches(
  job: JobRecord,
  groups: BranchGroup[],
  policy: Parameters<typeof fanOut>[1] = "all",
  over: Partial<NewJoin> = {},
): Partial<StepCommit> {
  const join = { ...fanOut(job.head.waits + 1, policy, groups), ...over };
  const fixed = { kind: "branches", aggregateInto: "next", onFailure: null, until: null } as const;
  const waiting: Waiting = { ...fixed, total: join.total, policy, since: job.updatedAt };
  return waitFor(job, join.wait, waiting, { join, status: "waiting_for_parallel_tasks" });
}

/** Creates a child and waits for its end. */
export function awaitChild(job: JobRecord, child: NewJob): Partial<StepCommit> {
  const waiting: Waiting = { kind: "child", jobId: child.id, transitions: {}, since: job.updatedAt, until: null };
  const wait = job.head.waits + 1;
  const made = { ...child, parentId: job.id, initial: { ...child.initial, parentWait: wait } };
  return waitFor(job, wait, waiting, { children: [made], status: "waiting_for_sub_job" });
}

/** Waits for a decision, until `due` if it is given. */
export function awaitDecision(job: JobRecord, due: number | null = null): Partial<StepCommit> {
  const fixed = { kind: "human", integration: "chat", message: "ok?", token: "secret", timeoutState: null } as const;
  const waiting: Waiting = { ...fixed, transitions: { yes: "next" }, since: job.updatedAt, until: due };
  return waitFor(job, job.head.waits + 1, waiting, { due, status: "waiting_for_human" });
}

/** Sleeps until `due`. */
export function sleep(job: JobRecord, due: number): Partial<StepCommit> {
  const waiting: Waiting = { kind: "timer", nextState: "next", since: job.updatedAt, until: due };
  return waitFor(job, job.head.waits + 1, waiting, { due, status: "sleeping" });
}

/** Ends the job for good; it may be removed at `due`. */
export function end(
  endedAt: number,
  due: number | null = null,
  status: "finished" | "failed" | "cancelled" = "finished",
): Partial<StepCommit> {
  return { next: "ended", status, endedAt, due };
}

/** Ends the job in quarantine, where it waits for an operator. */
export function quarantine(job: JobRecord, endedAt: number): Partial<StepCommit> {
  const waiting: Waiting = { kind: "operator", since: endedAt, until: null };
  return waitFor(job, job.head.waits + 1, waiting, { next: "ended", status: "quarantined", endedAt });
}

/** Waits, whatever for. */
function waitFor(job: JobRecord, wait: number, waiting: Waiting, over: Partial<StepCommit>): Partial<StepCommit> {
  return { wait, head: { ...job.head, waits: wait, waiting }, ...over };
}
