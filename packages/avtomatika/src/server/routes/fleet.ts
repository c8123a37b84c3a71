import type { Caller } from "#engine/orchestrator";
import { workerEntry } from "#server/answer/worker-entry";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

/** The active workers, and how much there is to do. */
export function fleetRoutes(scope: Scope, { orchestrator }: Serving): void {
  scope.get("/workers", async (request) => {
    const { admin } = request.getDecorator<Caller>("caller");
    return orchestrator.workers().map((worker) => workerEntry(worker, admin));
  });

  scope.get("/dashboard", async (request) => {
    const { counts, ready } = await orchestrator.countJobs(request.getDecorator<Caller>("caller"));
    const workers = orchestrator.workers();
    const busy = workers.filter(({ openTasks, record }) => openTasks > 0 || record["status"] === "busy").length;
    return {
      workers: { total: workers.length, idle: workers.length - busy, busy },
      jobs: { queued: ready, ...counts },
    };
  });
}
