import type { Action } from "#core/action";
import { beginWait, type Draft } from "#core/draft";

/** A durable timer; the past wakes at once. */
export function closeSleep(draft: Draft, action: Extract<Action, { kind: "sleep" }>): void {
  const { now } = draft.world;
  const at = "at" in action.wake ? action.wake.at : now + action.wake.afterMs;
  beginWait(draft, "sleeping", { kind: "timer", nextState: action.nextState, since: now, until: Math.max(now, at) });
}
