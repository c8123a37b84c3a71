import type { JoinRecord } from "#core/join";
import type { TaskRecord } from "#core/task";
import type { Call } from "#storage/rows/call";
import { closeLeftOver } from "#storage/rows/close-join";
import { drawBranch, promoteDelayed } from "#storage/rows/due-tasks";
import { findLane } from "#storage/rows/find-lane";
import { firstLane, pull } from "#storage/rows/queue";
import type { QueueEntry, RangeRow } from "#storage/rows/rows";
import { earliest, putTask } from "#storage/rows/task-state";
import type { ClaimedTasks, ClaimTasks } from "#storage/storage";

/** So many tasks that closed joins left in their lanes are passed in one call; the rest stays for the next. */
const mostPassed = 100;

/** See `Storage.claimTasks`. */
export function claimTasks(call: Call, input: ClaimTasks): ClaimedTasks {
  promoteDelayed(call);
  // What was cancelled since isn't handed out by a repeat.
  const before = call.rows.tasksOfClaim(input.claim).filter((task) => joinOf(call, task).state === "open");
  const tasks = before.length > 0 ? before : handOut(call, input);
  const open = call.rows.countHeld(input.worker);
  const full = open >= input.capacity;
  if (full) call.full.add(input.worker);
  return {
    tasks: tasks.map((task) => ({
      task,
      type: findLane(call, task.lane).type,
      trace: joinOf(call, task).trace,
    })),
    left: input.lanes.filter((id) => (call.rows.laneRow(id)?.head ?? null) !== null),
    full,
    open,
    lanes: call.rows.lanesSince(input.lanesSeen).map((row) => row.lane),
    lanesVersion: call.rows.lanesVersion(),
  };
}

function handOut(call: Call, input: ClaimTasks): TaskRecord[] {
  const lanes = new Set(input.lanes);
  const types = new Set<string>();
  for (const id of lanes) {
    const row = call.rows.laneRow(id);
    if (row !== undefined) types.add(row.lane.type);
  }
  const room = Math.min(input.limit, input.capacity - call.rows.countHeld(input.worker));
  const tasks: TaskRecord[] = [];
  for (let passed = 0; tasks.length < room && passed <= mostPassed; ) {
    const lane = firstLane(call, lanes, types);
    if (lane === null) break;
    const task = take(call, call.rows.firstEntry(lane.lane.id) as QueueEntry);
    if (task === null) passed += 1;
    else tasks.push(offer(call, task, input));
  }
  return tasks;
}

/** Takes an entry out of its lane; null for a task that a closed join left there. */
function take(call: Call, entry: QueueEntry): TaskRecord | null {
  if (entry.ref < 0) return drawBranch(call, call.rows.range(entry.jobId, entry.wait, -1 - entry.ref) as RangeRow);
  const task = call.rows.task(entry.jobId, entry.wait, entry.ref) as TaskRecord;
  const join = joinOf(call, task);
  if (join.state !== "open") {
    closeLeftOver(call, task, join);
    return null;
  }
  pull(call, entry);
  return task;
}

function joinOf(call: Call, { jobId, wait }: TaskRecord): JoinRecord {
  return call.rows.join(jobId, wait) as JoinRecord;
}

function offer(call: Call, task: TaskRecord, input: ClaimTasks): TaskRecord {
  task.state = "offered";
  task.worker = input.worker;
  task.claim = input.claim;
  task.leasedAt = call.now;
  task.deadline = earliest(call.now + task.item.timeoutMs, task.item.resultDue);
  task.due = earliest(call.now + input.offerMs, task.deadline);
  putTask(call, task);
  return task;
}
