import type { Action, TaskSpec } from "#core/action";
import { beginWait, type Draft } from "#core/draft";
import { laneOf } from "#core/lane";
import type { TaskItem } from "#core/task";

/** Hands one task to the queue: a join of one. */
export function closeTask(draft: Draft, action: Extract<Action, { kind: "task" }>): void {
  const { world, initial } = draft;
  const { task, transitions } = action;
  const wait = beginWait(draft, "waiting_for_worker", {
    kind: "worker",
    taskType: task.taskType,
    transitions,
    since: world.now,
    until: null,
  });
  draft.join = {
    wait,
    single: { lane: laneOf(task), item: taskItem(draft, task, 0, Object.keys(transitions)) },
    groups: [],
    total: 1,
    need: 1,
    allowed: 0,
    graceMs: world.settings.cancelGraceMs,
    trace: initial.trace,
  };
}

/** A task with every default filled in. */
export function taskItem(draft: Draft, task: TaskSpec, index: number, declared: string[]): TaskItem {
  const { job, initial, world } = draft;
  return {
    index,
    params: task.params,
    priority: task.priority ?? job.priority,
    timeoutMs: task.timeoutMs ?? world.settings.workerTimeoutMs,
    dispatchTimeoutMs: task.dispatchTimeoutMs ?? initial.dispatchTimeoutMs,
    resultDue: initial.resultTimeoutMs === null ? null : world.now + initial.resultTimeoutMs,
    retry: { ...world.settings.retry, ...task.retry },
    declared,
  };
}
