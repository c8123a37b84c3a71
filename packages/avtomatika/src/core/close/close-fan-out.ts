import type { Action, TaskSpec } from "#core/action";
import { taskItem } from "#core/close/close-task";
import { beginWait, type Draft, enter } from "#core/draft";
import { joinNumbers } from "#core/join";
import { groupTasks } from "#core/lane";
import { arrive } from "#core/open-step";

/** Hands out many tasks at once; an empty list goes on to the aggregator. */
export function closeFanOut(draft: Draft, action: Extract<Action, { kind: "fan-out" }>): void {
  const { world, job, initial } = draft;
  const { tasks, policy, aggregateInto, onFailure } = action;
  if (tasks.length === 0) {
    enter(draft, aggregateInto, "aggregator");
    arrive(draft);
    return;
  }
  const total = tasks.length;
  const wait = beginWait(draft, "waiting_for_parallel_tasks", {
    kind: "branches",
    total,
    policy,
    aggregateInto,
    onFailure,
    since: world.now,
    until: null,
  });
  const groups = groupTasks(tasks, { priority: job.priority, dispatchTimeoutMs: initial.dispatchTimeoutMs });
  draft.join = {
    wait,
    single: null,
    groups: groups.map(({ lane, priority, dispatchTimeoutMs, indexes }) => ({
      lane,
      priority,
      dispatchTimeoutMs,
      resultDue: initial.resultTimeoutMs === null ? null : world.now + initial.resultTimeoutMs,
      count: indexes.length,
      items: indexes.map((index) => taskItem(draft, tasks[index] as TaskSpec, index, [])),
    })),
    total,
    ...joinNumbers(policy, total),
    graceMs: world.settings.cancelGraceMs,
    trace: initial.trace,
  };
}
