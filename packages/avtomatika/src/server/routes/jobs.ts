import { jobParams, viewQuery } from "@avtomatika/protocol";
import { AvtomatikaError } from "#core/errors";
import type { Caller } from "#engine/orchestrator";
import { instantOrNull } from "#server/answer/instant";
import { jobView, narrow } from "#server/answer/job-view";
import { waitingFor } from "#server/answer/waiting-for";
import { readWait } from "#server/request/read-wait";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";
import type { JobDetails } from "#storage/storage";

/** One job: its view, why it is where it is, its cancelling. */
export function jobRoutes(scope: Scope, { orchestrator, config, traffic }: Serving): void {
  const isKnown = ({ job }: JobDetails) => orchestrator.blueprint(job.blueprint) !== undefined;

  scope.get("/jobs/:job_id", { schema: { params: jobParams, querystring: viewQuery } }, async (request, reply) => {
    const caller = request.getDecorator<Caller>("caller");
    const { job_id: jobId } = request.params;
    const waitMs = readWait(request.query.wait, config);
    const hold = traffic.hold(reply.raw);
    try {
      const wait = waitMs > 0 ? { waitMs, signal: hold.signal } : undefined;
      const details = await orchestrator.getJob(caller, jobId, wait);
      if (traffic.isClosing) reply.header("connection", "close");
      if (details === null) throw unknownJob();
      return narrow(jobView(details, isKnown(details)), request.query.fields);
    } finally {
      hold.release();
    }
  });

  scope.get("/jobs/:job_id/explain", { schema: { params: jobParams } }, async (request) => {
    const found = await orchestrator.explain(request.getDecorator<Caller>("caller"), request.params.job_id);
    if (found === null) throw unknownJob();
    const { job } = found.job;
    return {
      job_id: job.id,
      status: job.status,
      current_state: job.state,
      summary: found.summary,
      waiting_for: waitingFor(found.job, isKnown(found.job)),
      next_timer: instantOrNull(found.nextTimer),
      attempts_left: found.attemptsLeft,
      workers: found.workers.map(({ workerId, eligible, reasons }) => ({ worker_id: workerId, eligible, reasons })),
    };
  });

  scope.post("/jobs/:job_id/cancel", { schema: { params: jobParams } }, async (request) => {
    const outcome = await orchestrator.cancel(request.getDecorator<Caller>("caller"), request.params.job_id);
    if (outcome === "unknown") throw unknownJob();
    if (outcome === "ended") throw new AvtomatikaError("conflict", "the job has ended already");
    return { status: outcome === "sent" ? "cancellation_request_sent" : "cancellation_request_accepted" };
  });
}

function unknownJob(): AvtomatikaError {
  return new AvtomatikaError("not_found", "there is no such job");
}
