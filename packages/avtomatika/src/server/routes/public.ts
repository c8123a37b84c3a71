import { bearerDecisionBody, bearerQuery, jobParams } from "@avtomatika/protocol";
import { AvtomatikaError } from "#core/errors";
import { readDecision, refuseDecision } from "#server/request/read-decision";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

/** What needs no client's or worker's token. */
export function publicRoutes(scope: Scope, { orchestrator, config }: Serving): void {
  scope.get("/status", async () => ({ status: "ok" }));

  scope.get("/ready", async (_request, reply) => {
    const isReady = await orchestrator.ready();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ok" : "unavailable" });
  });

  scope.post(
    "/webhooks/approval/:job_id",
    { schema: { params: jobParams, body: bearerDecisionBody, querystring: bearerQuery } },
    async ({ params, body, query }) => {
      const token = body.token ?? query.token ?? null;
      if (token === null && !config.publicApprovals) throw wrongToken();
      const { outcome, allowed } = await orchestrator.decide({ token }, params.job_id, readDecision(body));
      if (outcome === "accepted") return { status: "approval_received", job_id: params.job_id };
      // Who holds no valid token learns nothing, not even whether there is such a job.
      if (token !== null && outcome !== "invalid") throw wrongToken();
      throw refuseDecision(outcome, allowed, body.decision);
    },
  );
}

function wrongToken(): AvtomatikaError {
  return new AvtomatikaError("unauthorized", "the token is missing, wrong, used or expired, or there is no such job");
}
