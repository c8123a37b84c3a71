import { jobParams, requeueBody } from "@avtomatika/protocol";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import type { Json } from "#core/json";
import { didYouMean } from "#core/nearest";
import type { Caller } from "#engine/orchestrator";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

/** What an operator does with a quarantined job. */
export function quarantineRoutes(scope: Scope, { orchestrator }: Serving): void {
  scope.post("/jobs/:job_id/requeue", { schema: { params: jobParams, body: requeueBody } }, async (request) => {
    const { job_id: jobId } = request.params;
    const state = request.body?.state ?? null;
    const patch = (request.body?.patch ?? undefined) as Json | undefined;
    const answer = await orchestrator.requeue(request.getDecorator<Caller>("caller"), jobId, { state, patch });
    if (answer.outcome === "accepted") return { status: "requeued", job_id: jobId };
    if (answer.outcome !== "invalid_state") throw refuse(answer.outcome);
    const wrong = state ?? "";
    const hint = didYouMean(wrong, answer.states);
    const expected = answer.states.map(quote).join(", ");
    throw new AvtomatikaError("invalid_request", `state: expected one of ${expected}, got ${quote(wrong)}${hint}`);
  });

  scope.post("/jobs/:job_id/discard", { schema: { params: jobParams } }, async (request) => {
    const { job_id: jobId } = request.params;
    const outcome = await orchestrator.discard(request.getDecorator<Caller>("caller"), jobId);
    if (outcome !== "accepted") throw refuse(outcome);
    return { status: "discarded", job_id: jobId };
  });
}

function refuse(outcome: "closed" | "unknown"): AvtomatikaError {
  if (outcome === "unknown") return new AvtomatikaError("not_found", "there is no such job");
  return new AvtomatikaError("conflict", "the job is not in quarantine, or was discarded");
}
