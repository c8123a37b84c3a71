import type { Settings } from "#core/settings";
import { type Report, type Settling, settleFailure } from "#core/settle";
import type { TaskRecord } from "#core/task";

/** A time in which no engine could see the store. What ran out in it is judged a grace after its end. */
export interface Outage {
  from: number;
  to: number;
}

export interface DueWorld {
  now: number;
  random: number;
  settings: Settings;
  outages: readonly Outage[];
  /** When the task's worker was last heard of; null if never. */
  lastSeen: number | null;
}

/** How an engine settles a task whose time may be over. */
export type DueVerdict = Settling | { kind: "return" } | { kind: "extend"; due: number } | { kind: "drop" };

/** At the fifth hand-out that no engine confirmed, the worker is taken for lost. */
const maxUnconfirmed = 5;

/** Judges a task that came due: its queue time, its offer, its lease or its worker's silence may be over. */
export function judgeDue(task: TaskRecord, taskType: string, world: DueWorld): DueVerdict {
  if (task.state === "revoked") return { kind: "drop" };
  const overdue = task.item.resultDue !== null && task.item.resultDue <= world.now;
  if (task.state === "queued" || task.state === "delayed") return judgeQueued(task, taskType, world, overdue);
  const ranOut = leaseEnd(task, world);
  const until = graceFor(ranOut.at, world);
  if (until > world.now) return judgeOpen(task, taskType, world, until);
  return fail(task, taskType, ranOut.code, ranOut.message, world);
}

function judgeQueued(task: TaskRecord, taskType: string, world: DueWorld, overdue: boolean): DueVerdict {
  if (overdue)
    return fail(task, taskType, "TIMEOUT_ERROR", "the result timeout was over before a worker answered", world);
  const { dispatchTimeoutMs, resultDue } = task.item;
  const patienceMs = dispatchTimeoutMs ?? Infinity;
  const until = task.queuedAt + patienceMs;
  if (until > world.now) return { kind: "extend", due: Math.min(until, resultDue ?? Infinity) };
  const message = `no worker took the task within ${patienceMs / 1000} s`;
  return fail(task, taskType, "DISPATCH_TIMEOUT_ERROR", message, world);
}

/** When, and by what, the lease ends: its deadline, or the worker's silence. */
function leaseEnd(task: TaskRecord, world: DueWorld): { at: number; code: string; message: string } {
  const deadline = task.deadline as number;
  const heard = Math.max(world.lastSeen ?? 0, task.leasedAt as number);
  const silent = heard + world.settings.livenessMs;
  if (deadline <= silent)
    return { at: deadline, code: "TIMEOUT_ERROR", message: "the worker didn't answer by the deadline" };
  const seconds = world.settings.livenessMs / 1000;
  return {
    at: silent,
    code: "WORKER_LOST_ERROR",
    message: `nothing was heard of worker ${task.worker} for ${seconds} s`,
  };
}

/** The lease stands: an offer that nobody confirmed goes back, another is looked at again when it may end. */
function judgeOpen(task: TaskRecord, taskType: string, world: DueWorld, leaseEndsAt: number): DueVerdict {
  if (task.state === "leased") return { kind: "extend", due: leaseEndsAt };
  const until = (task.leasedAt as number) + world.settings.offerMs;
  if (until > world.now) return { kind: "extend", due: Math.min(until, leaseEndsAt) };
  return judgeHandBack(task, taskType, world);
}

/** A hand-out that reached nobody: the same attempt again, unless too many went that way. */
export function judgeHandBack(
  task: TaskRecord,
  taskType: string,
  world: Pick<DueWorld, "now" | "random">,
): Settling | { kind: "return" } {
  if (task.unconfirmed + 1 < maxUnconfirmed) return { kind: "return" };
  const message = `${maxUnconfirmed} hand-outs of this attempt were not confirmed`;
  return fail(task, taskType, "WORKER_LOST_ERROR", message, world);
}

/** Until when something that ran out at `at` is spared; `at` itself where no outage covers it. */
function graceFor(at: number, world: DueWorld): number {
  const outage = world.outages.find(({ from, to }) => from <= at && at <= to);
  return outage === undefined ? at : outage.to + world.settings.recoveryGraceMs;
}

function fail(
  task: TaskRecord,
  taskType: string,
  code: string,
  message: string,
  world: Pick<DueWorld, "now" | "random">,
): Settling {
  const report: Report = { status: "failure", data: null, error: { code, message } };
  return settleFailure(task, taskType, report, world.now, world.random);
}
