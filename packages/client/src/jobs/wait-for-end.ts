import type { Caller } from "#http/caller";
import { retryPause } from "#http/retry-policy";
import type { Deadline } from "#jobs/deadline";
import { hasEnded } from "#jobs/job-status";

/**
 * The view of a job that has ended, from the wire: the engine holds each answer until then, or for a while.
 * @throws TimeoutError when the deadline has come
 */
export async function waitForEnd(caller: Caller, path: string, deadline: Deadline): Promise<unknown> {
  for (let early = 0; ; ) {
    const holdMs = deadline.holdMs();
    const asked = performance.now();
    const query = holdMs > 0 ? `?wait=${holdMs / 1000}` : "";
    const { body } = await caller.call({ method: "GET", path: path + query, holdMs, signal: deadline.signal });
    if (hasEnded((body as { status?: unknown } | null)?.status)) return body;
    if (deadline.isOver) throw deadline.error();
    // An engine that stops sends held requests away: it isn't asked without a pause.
    const wasEarly = performance.now() - asked < holdMs / 2;
    early = wasEarly ? early + 1 : 0;
    if (wasEarly) await caller.rest(retryPause(early, caller.policy, Math.random(), undefined) ?? 0, deadline.signal);
  }
}
