import { heartbeatBody, registration, workerParams } from "@avtomatika/protocol";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { admit } from "#server/access/admit";
import { refuseExcess } from "#server/rate-limits";
import { workerRecord } from "#server/request/worker-record";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

/** Registration and heartbeats. */
export function workerRoutes(scope: Scope, { orchestrator, access, limiter }: Serving): void {
  scope.post("/workers/register", { schema: { body: registration } }, async (request) => {
    const { body } = request;
    admit(access.workers, request, body.worker_id);
    if (body.supported_tasks == null && body.supported_skills == null) {
      throw new AvtomatikaError("invalid_request", "supported_tasks: expected an array of task types, got nothing");
    }
    await orchestrator.registerWorker(body.worker_id, workerRecord(body));
    return { status: "registered" };
  });

  const schema = { params: workerParams, body: heartbeatBody };
  scope.patch("/workers/:worker_id", { schema }, async (request) => {
    const { params, body } = request;
    const { worker_id: workerId } = params;
    admit(access.workers, request, body?.worker_id ?? workerId);
    await refuseExcess(limiter, "heartbeat", workerId);
    if (body?.worker_id != null && body.worker_id !== workerId) {
      const got = quote(body.worker_id);
      throw new AvtomatikaError("invalid_request", `worker_id: expected the path's, ${quote(workerId)}, got ${got}`);
    }
    const isEmpty = !body || Object.keys(body).length === 0;
    const { record, cancelTaskIds } = await orchestrator.heartbeat(workerId, isEmpty ? null : workerRecord(body));
    const answer = isEmpty ? { status: "ttl_refreshed" } : { ...record, worker_id: workerId };
    // What the worker itself said under that name is not ours.
    return { ...answer, cancel_task_ids: cancelTaskIds.length === 0 ? undefined : cancelTaskIds };
  });
}
