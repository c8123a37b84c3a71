import type { Requirements, TaskSpec } from "#core/action";
import type { Lane } from "#core/task";

/** At most so many different (type, requirements, cost limit, priority) may stand in one fan-out. */
export const maxGroups = 1000;

/**
 * The stable id of a lane: canonical JSON of its fields, as a list whose defaults at the end are left out
 * (`["resize"]`). `requirements` must be normalised.
 */
export function laneKey(lane: Omit<Lane, "id">): string {
  const fields: unknown[] = [lane.type, lane.requirements, lane.maxCost, lane.strategy];
  if (lane.strategy === "default") fields.pop();
  while (fields.at(-1) === null) fields.pop();
  return JSON.stringify(fields);
}

/** The lane in which a task waits. */
export function laneOf(task: TaskSpec): Lane {
  const { taskType: type, requirements, maxCost, strategy } = task;
  return { id: laneKey({ type, requirements, maxCost, strategy }), type, requirements, maxCost, strategy };
}

/** Branches of a fan-out that wait in one lane with one score and one queue timeout. */
export interface TaskGroup {
  lane: Lane;
  /** An integer in -1000…1000. */
  priority: number;
  /** Null for ever. */
  dispatchTimeoutMs: number | null;
  /** The places of its tasks in the fan-out, ascending. */
  indexes: number[];
}

/** What a task that says nothing takes from its job. */
export interface GroupDefaults {
  priority: number;
  dispatchTimeoutMs: number | null;
}

/** The groups of a fan-out, in the order of their first tasks. */
export function groupTasks(tasks: readonly TaskSpec[], defaults: GroupDefaults): TaskGroup[] {
  const groups = new Map<string, TaskGroup>();
  let last: { task: TaskSpec; group: TaskGroup } | undefined;
  for (const [index, task] of tasks.entries()) {
    // Most fan-outs are one long group: neighbours that are alike need no key.
    if (last === undefined || !isAlike(last.task, task)) last = { task, group: groupOf(task, defaults, groups) };
    last.group.indexes.push(index);
  }
  return [...groups.values()];
}

function groupOf(task: TaskSpec, defaults: GroupDefaults, groups: Map<string, TaskGroup>): TaskGroup {
  const lane = laneOf(task);
  const priority = task.priority ?? defaults.priority;
  const dispatchTimeoutMs = task.dispatchTimeoutMs ?? defaults.dispatchTimeoutMs;
  const key = `${priority} ${dispatchTimeoutMs} ${lane.id}`;
  const known = groups.get(key);
  if (known !== undefined) return known;
  const group = { lane, priority, dispatchTimeoutMs, indexes: [] };
  groups.set(key, group);
  return group;
}

function isAlike(a: TaskSpec, b: TaskSpec): boolean {
  return (
    a.taskType === b.taskType &&
    a.requirements === b.requirements &&
    a.maxCost === b.maxCost &&
    a.strategy === b.strategy &&
    a.priority === b.priority &&
    a.dispatchTimeoutMs === b.dispatchTimeoutMs
  );
}

/** Whether a fan-out keeps to `maxGroups`. */
export function hasTooManyGroups(tasks: readonly TaskSpec[]): boolean {
  const keys = new Set<string>();
  let last: TaskSpec | undefined;
  for (const task of tasks) {
    if (last === undefined || !isAlike(last, task)) keys.add(groupKey(task, task.requirements));
    if (keys.size > maxGroups) return true;
    last = task;
  }
  return false;
}

function groupKey(task: TaskSpec, requirements: Requirements | null): string {
  return JSON.stringify([task.taskType, requirements, task.maxCost, task.priority]);
}
