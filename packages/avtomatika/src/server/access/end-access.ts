import type { Logger } from "#core/logger";
import type { Orchestrator } from "#engine/orchestrator";
import type { Change } from "#server/access/directory";

/**
 * After a change of the workers' tokens: whoever waits by a token that doesn't count any more waits in vain, and what
 * a worker holds that is gone is for others.
 */
export function endAccess(
  orchestrator: Pick<Orchestrator, "cutPoll" | "dismissWorker">,
  { added, changed, removed }: Change,
  logger: Logger,
): void {
  for (const id of [...added, ...changed]) orchestrator.cutPoll(id);
  for (const id of removed) {
    orchestrator
      .dismissWorker(id)
      .catch((err: unknown) => logger.error({ err, worker: id }, "the leases of a removed worker end by themselves"));
  }
}
