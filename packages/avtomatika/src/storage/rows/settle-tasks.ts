import type { JobEvent } from "#core/job";
import { decide, type JoinRecord } from "#core/join";
import { standingOf } from "#core/standing";
import type { PastAttempt, TaskEnd, TaskRecord } from "#core/task";
import { type Call, Grants, leasedBefore } from "#storage/rows/call";
import { closeJoin } from "#storage/rows/close-join";
import { type Judged, judge } from "#storage/rows/judge-settlement";
import { earliest, freed, putTask, queueTask, removeTask, setSingleStatus, withdraw } from "#storage/rows/task-state";
import { wakeJob } from "#storage/rows/wake-job";
import type { LeasedJob, LeaseRequest, Settled, Settlement } from "#storage/storage";

const dayMs = 86_400_000;

/** See `Storage.settleTasks`. */
export function settleTasks(
  call: Call,
  input: { settlements: Settlement[]; lease: LeaseRequest | null },
): { results: Settled[]; leased: LeasedJob[] } {
  const before = leasedBefore(call, input.lease);
  const grants = new Grants(input.lease);
  const results = input.settlements.map((settlement) => settle(call, settlement, grants));
  return { results, leased: [...before, ...grants.given] };
}

function settle(call: Call, settlement: Settlement, grants: Grants): Settled {
  const judged = judge(call, settlement);
  if (judged.outcome !== "open") {
    if (judged.revoked !== null) withdraw(call, judged.revoked);
    return judged.settled;
  }
  const { task, job, join } = judged;
  const { verdict } = settlement;
  if (verdict.kind === "extend") {
    task.due = verdict.due;
    putTask(call, task);
  } else if (verdict.kind === "return") {
    // A repeat finds it queued already: pushed twice, it would be handed out twice.
    if (task.state !== "queued") giveBack(call, task);
  } else if (verdict.kind === "drop") {
    withdraw(call, task);
  } else {
    const isUnnamed = settlement.worker === null || settlement.worker === "*";
    const end = { ...verdict.end, workerId: isUnnamed ? task.worker : settlement.worker };
    const past = endAttempt(call, settlement, task, end);
    if (verdict.kind === "retry") delay(call, task, past, verdict.at);
    else endTask(call, judged, past, end, verdict.ok, grants);
  }
  const answer = verdict.kind === "done" || verdict.kind === "retry" ? verdict.answer : "success";
  return { outcome: "applied", answer, single: join.single && job !== null };
}

/** Counts the attempt for its worker's standing; a worker's own result is remembered for its repeats. */
function endAttempt(call: Call, settlement: Settlement, task: TaskRecord, end: TaskEnd): PastAttempt[] {
  const standing = standingOf(end);
  if (end.workerId !== null && standing !== null) {
    call.rows.addStanding(end.workerId, Math.floor(call.now / dayMs), 1, standing);
  }
  if (settlement.worker === null || !("answer" in settlement.verdict)) return task.past;
  return [...task.past, { attempt: task.attempt, worker: end.workerId, answer: settlement.verdict.answer }];
}

/** The same attempt again, at its old place; its last holder's result still counts until another has it. */
export function giveBack(call: Call, task: TaskRecord): void {
  const held = task.worker;
  task.unconfirmed += 1;
  queueTask(call, task);
  if (held !== null) freed(call, held);
}

function delay(call: Call, task: TaskRecord, past: PastAttempt[], at: number): void {
  removeTask(call, task);
  task.state = "delayed";
  task.attempt += 1;
  task.past = past;
  task.worker = null;
  task.claim = null;
  task.unconfirmed = 0;
  task.deadline = null;
  task.due = earliest(at, task.item.resultDue);
  putTask(call, task);
  setSingleStatus(call, task, "awaiting_retry");
}

function endTask(call: Call, judged: Judged, past: PastAttempt[], end: TaskEnd, ok: boolean, grants: Grants): void {
  const { task, job, join } = judged;
  const { jobId, wait, index } = task;
  removeTask(call, task);
  call.rows.putResult({ jobId, wait, index, end, past });
  if (ok) join.ok += 1;
  else join.failed += 1;
  call.rows.putJoin(join);
  const decided = decide(join);
  if (decided === null) return;
  closeJoin(call, jobId, wait, "fired");
  wakeJob(call, job, joinEvent(join, end, decided === "success"), grants);
}

/** One message, whatever the number of branches. */
function joinEvent(join: JoinRecord, end: TaskEnd, success: boolean): JobEvent {
  const { jobId, wait } = join;
  const id = `join:${jobId}:${wait}`;
  return join.single ? { id, wait, kind: "task", end } : { id, wait, kind: "join", success, decisive: end };
}
