import { type Draft, enter } from "#core/draft";
import type { Waiting } from "#core/job";
import type { Applied } from "#core/open/apply-event";
import { endByError, setTaskError, taskError } from "#core/open/apply-task-end";
import type { TaskEnd } from "#core/task";

/** A fan-out that can't succeed any more: `onFailure` with the results so far, or the end by the deciding error. */
export function failJoin(
  draft: Draft,
  waiting: Extract<Waiting, { kind: "branches" }>,
  decisive: TaskEnd,
  wait: number,
): Applied {
  if (waiting.onFailure === null) return endByError(draft, decisive);
  enter(draft, waiting.onFailure);
  draft.job.head.results = wait;
  setTaskError(draft, taskError(decisive));
  return "open";
}
