import { type ResultAnswer, resultBody, resultsBody } from "@avtomatika/protocol";
import type { ResultVerdict } from "#engine/orchestrator";
import { readResult } from "#server/request/read-report";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

/** Results. Only `200` acknowledges one to existing workers: every verdict is one. */
export function resultRoutes(scope: Scope, { orchestrator, config }: Serving): void {
  const one = { schema: { body: resultBody }, bodyLimit: config.resultBodyLimitBytes };
  scope.post("/tasks/result", one, async ({ body }) => {
    const [verdict] = await orchestrator.results([readResult(body)]);
    return answerOf(verdict as ResultVerdict);
  });

  const many = { schema: { body: resultsBody }, bodyLimit: config.batchBodyLimitBytes };
  scope.post("/tasks/results", many, async ({ body }) => {
    const verdicts = await orchestrator.results(body.results.map(readResult));
    return { results: verdicts.map(answerOf) };
  });
}

function answerOf(verdict: ResultVerdict): ResultAnswer {
  if (verdict.outcome === "ignored") return { status: "ignored", reason: verdict.reason };
  return { status: verdict.single ? `result_accepted_${verdict.answer}` : "parallel_branch_result_accepted" };
}
