import { decisionBody, jobParams } from "@avtomatika/protocol";
import type { Caller } from "#engine/orchestrator";
import { readDecision, refuseDecision } from "#server/request/read-decision";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

/** Decisions by a client; those by the bearer of a token are public. */
export function approvalRoutes(scope: Scope, { orchestrator }: Serving): void {
  const schema = { params: jobParams, body: decisionBody };
  scope.post("/jobs/:job_id/approval", { schema }, async (request) => {
    const { params, body } = request;
    const { outcome, allowed } = await orchestrator.decide(
      request.getDecorator<Caller>("caller"),
      params.job_id,
      readDecision(body),
    );
    if (outcome === "accepted") return { status: "approval_received", job_id: params.job_id };
    throw refuseDecision(outcome, allowed, body.decision);
  });
}
