import type { FastifyRequest } from "fastify";
import type { Sender, WorkerDirectory } from "#server/access/worker-directory";

/**
 * Lets a request of a worker pass that speaks for `workerId`; to be called again after a wait, in which its token may
 * have become void. Throws `forbidden`, `unauthorized`.
 */
export function admit(workers: WorkerDirectory, request: Pick<FastifyRequest, "getDecorator">, workerId: string): void {
  const refused = workers.refusal(request.getDecorator<Sender>("sender"), workerId);
  if (refused !== null) throw refused;
}
