import type { JobRecord } from "#core/job";
import type { NewJoin, StepCommit } from "#core/step-commit";
import { type Call, Grants, leasedBefore, wake } from "#storage/rows/call";
import { markCancelled } from "#storage/rows/cancel-job";
import { insertJob } from "#storage/rows/create-jobs";
import { openLane, push, taskScore } from "#storage/rows/queue";
import { earliest, newTask, queueTask } from "#storage/rows/task-state";
import { makeReady, wakeJob } from "#storage/rows/wake-job";
import type { Committed, LeaseRequest } from "#storage/storage";

/** See `Storage.commitStep`. */
export function commitStep(call: Call, input: { commit: StepCommit; lease: LeaseRequest | null }): Committed {
  const { commit, lease } = input;
  const job = call.rows.job(commit.jobId);
  if (job === undefined) return { outcome: "lost" };
  if (job.writer === commit.id) return { outcome: "committed", job, leased: leasedBefore(call, lease) };
  if (job.lease?.claim !== commit.claim || job.version !== commit.version) return { outcome: "lost" };
  if (job.cancel !== null && !commit.cancelSeen) return { outcome: "superseded", job };

  if (commit.join !== null) openJoin(call, job, commit.join);
  writeJob(call, job, commit);
  const grants = new Grants(lease);
  for (const child of commit.children) if (call.rows.job(child.id) === undefined) insertJob(call, child, grants);
  for (const id of commit.cancelJobs) markCancelled(call, id, commit.id, grants);
  if (commit.notify !== null) tellParent(call, commit.notify, grants);
  return { outcome: "committed", job: call.rows.job(job.id) as JobRecord, leased: grants.given };
}

function writeJob(call: Call, job: JobRecord, commit: StepCommit): void {
  job.version += 1;
  job.writer = commit.id;
  job.status = commit.status;
  job.state = commit.state;
  job.head = commit.head;
  job.updatedAt = call.now;
  job.endedAt = commit.endedAt;
  job.event = null;
  job.wait = commit.wait;
  job.due = commit.due;
  if (commit.resetProgress) job.progress = null;
  if (commit.data !== null) call.rows.putJobData(job.id, commit.data);
  if (commit.initial !== null) call.rows.putJobInitial(job.id, commit.initial);
  call.rows.dropOnce(job.id, commit.visit);
  job.runs = commit.next === "keep" ? 1 : 0;
  if (commit.next === "ready") return makeReady(call, job);
  if (commit.next !== "keep") job.lease = null;
  call.rows.putJob(job);
  wake(call, job.due);
  if (commit.endedAt !== null && job.watched) call.bells.push({ kind: "ended", jobId: job.id });
}

function openJoin(call: Call, job: JobRecord, join: NewJoin): void {
  const { wait, total, need, allowed, graceMs, trace } = join;
  call.rows.putJoin({
    jobId: job.id,
    wait,
    single: join.single !== null,
    total,
    need,
    allowed,
    ok: 0,
    failed: 0,
    state: "open",
    graceMs,
    trace,
  });
  if (join.single !== null) {
    const { lane, item } = join.single;
    openLane(call, lane);
    queueTask(call, newTask(job.id, wait, item, lane.id, taskScore(call, item.priority), call.now));
  }
  join.groups.forEach((group, number) => {
    if (group.items !== null) call.rows.putItems(job.id, wait, number, 0, group.items);
    // The score before that of the range is its branches' own, once they are out of it.
    taskScore(call, group.priority);
    const score = taskScore(call, group.priority);
    const timeout = group.dispatchTimeoutMs === null ? null : call.now + group.dispatchTimeoutMs;
    const due = earliest(timeout, group.resultDue);
    const place = { jobId: job.id, wait, lane: group.lane.id, score };
    openLane(call, group.lane);
    call.rows.putRange({ ...place, group: number, next: 0, end: group.count, due, queuedAt: call.now });
    push(call, { ...place, ref: -1 - number });
    wake(call, due);
  });
}

function tellParent(call: Call, notify: NonNullable<StepCommit["notify"]>, grants: Grants): void {
  const parent = call.rows.job(notify.jobId);
  if (parent === undefined || parent.wait !== notify.event.wait || parent.cancel !== null) return;
  wakeJob(call, parent, notify.event, grants);
}
