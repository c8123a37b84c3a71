import { type ResultAnswer, type ResultBody, resultBody, resultsBody } from "@avtomatika/protocol";
import type { FastifyRequest } from "fastify";
import type { ResultVerdict } from "#engine/orchestrator";
import { admit } from "#server/access/admit";
import type { Sender } from "#server/access/worker-directory";
import { readResult } from "#server/request/read-report";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

const foreign: ResultVerdict = { outcome: "ignored", reason: "mismatch" };

/** Results. Only `200` acknowledges one to existing workers: every verdict is one. */
export function resultRoutes(scope: Scope, { orchestrator, access, config }: Serving): void {
  const { workers } = access;
  const one = { schema: { body: resultBody }, bodyLimit: config.resultBodyLimitBytes };
  scope.post("/tasks/result", one, async (request) => {
    const { body } = request;
    const sender = senderOf(request);
    if (body.worker_id != null) admit(workers, request, body.worker_id);
    const [verdict] = await orchestrator.results([readResult(body, sender)]);
    return answerOf(verdict as ResultVerdict);
  });

  const many = { schema: { body: resultsBody }, bodyLimit: config.batchBodyLimitBytes };
  scope.post("/tasks/results", many, async (request) => {
    const sender = senderOf(request);
    const bearer = request.getDecorator<Sender>("sender");
    const isOwn = ({ worker_id: id }: ResultBody) => id == null || workers.refusal(bearer, id) === null;
    const messages = request.body.results.map((entry) => (isOwn(entry) ? readResult(entry, sender) : null));
    const verdicts = await orchestrator.results(messages.filter((message) => message !== null));
    const all = messages.map((message) => (message === null ? foreign : (verdicts.shift() as ResultVerdict)));
    return { results: all.map(answerOf) };
  });

  /** Who sends what names nobody: the worker of its own token; with the shared one whoever holds the task. */
  function senderOf(request: Pick<FastifyRequest, "getDecorator">) {
    const bearer = request.getDecorator<Sender>("sender");
    if (bearer.own !== null) {
      admit(workers, request, bearer.own.id);
      return { worker: bearer.own.id };
    }
    if (workers.own.size === 0) return { worker: "*" };
    return { worker: "*", mayBe: (workerId: string) => workers.refusal(bearer, workerId) === null };
  }
}

function answerOf(verdict: ResultVerdict): ResultAnswer {
  if (verdict.outcome === "ignored") return { status: "ignored", reason: verdict.reason };
  return { status: verdict.single ? `result_accepted_${verdict.answer}` : "parallel_branch_result_accepted" };
}
