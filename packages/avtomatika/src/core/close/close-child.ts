import type { Action } from "#core/action";
import { beginWait, type Draft } from "#core/draft";

/** Creates a child in the commit that makes its parent wait: neither can be without the other. */
export function closeChild(
  draft: Draft,
  action: Extract<Action, { kind: "child" }>,
  childId: string,
  startState: string | undefined,
): void {
  const { job, initial, world } = draft;
  const { blueprintName, transitions } = action;
  const wait = beginWait(draft, "waiting_for_sub_job", {
    kind: "child",
    jobId: childId,
    transitions,
    since: world.now,
    until: null,
  });
  job.head.children.push(childId);
  draft.children.push({
    id: childId,
    blueprint: blueprintName,
    owner: job.owner,
    parentId: job.id,
    priority: job.priority,
    state: startState ?? "",
    watched: false,
    initial: {
      data: action.initialData,
      client: initial.client,
      metadata: initial.metadata,
      trace: initial.trace,
      parentWait: wait,
      dispatchTimeoutMs: null,
      resultTimeoutMs: null,
      unchecked: true,
    },
  });
}
