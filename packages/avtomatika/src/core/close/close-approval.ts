import type { Action } from "#core/action";
import { beginWait, type Draft } from "#core/draft";

/** Waits for a decision from outside; `token` lets its bearer decide, once. */
export function closeApproval(draft: Draft, action: Extract<Action, { kind: "approval" }>, token: string): void {
  const { now } = draft.world;
  const { integration, message, transitions, timeoutMs, timeoutState } = action;
  const until = timeoutMs === null ? null : now + timeoutMs;
  beginWait(draft, "waiting_for_human", {
    kind: "human",
    integration,
    message,
    transitions,
    token,
    timeoutState,
    since: now,
    until,
  });
}
