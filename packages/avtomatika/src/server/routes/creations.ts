import { batchBody, waitQuery } from "@avtomatika/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { BlueprintDefinition } from "#core/definition";
import { AvtomatikaError } from "#core/errors";
import { hasEnded } from "#core/status";
import type { Caller, Creation, CreationResult } from "#engine/orchestrator";
import { clientInfo } from "#server/access/client-info";
import { jobView } from "#server/answer/job-view";
import type { KnownCaller } from "#server/authentication";
import { creationPath } from "#server/paths";
import { type CreationFrame, readCreation, readKey } from "#server/request/read-creation";
import { readWait } from "#server/request/read-wait";
import { traceOf } from "#server/request/trace-context";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";
import { overQuota } from "#server/too-many-error";

/** `POST {endpoint}` and `POST {endpoint}/batch` of a blueprint that has an endpoint. */
export function creationRoutes(scope: Scope, serving: Serving, blueprint: BlueprintDefinition): void {
  const { orchestrator, config } = serving;
  const path = creationPath(blueprint);
  if (path === null) return;

  scope.post(path, { schema: { querystring: waitQuery } }, async (request, reply) => {
    const waitMs = readWait(request.query.wait, config);
    const frame = { ...frameOf(request, blueprint.name), watched: waitMs > 0 };
    const [result] = await orchestrator.createJobs([readCreation(request.body, frame)]);
    const refused = refusalOf(result as CreationResult);
    if (refused !== null) throw refused;
    const { jobId, outcome } = result as Extract<CreationResult, { outcome: "created" | "existing" }>;
    if (waitMs > 0) {
      const ended = await waitForEnd(serving, request, reply, jobId, waitMs);
      if (ended !== null) return ended;
    }
    return reply.code(outcome === "created" ? 202 : 200).send({ status: "accepted", job_id: jobId });
  });

  const batch = { schema: { body: batchBody }, bodyLimit: config.batchBodyLimitBytes };
  scope.post(`${path}/batch`, batch, async (request, reply) => {
    const frame = frameOf(request, blueprint.name);
    const read = request.body.jobs.map((body, index) => readEntry(body, frame, index));
    const valid = read.filter((entry): entry is Creation => !(entry instanceof AvtomatikaError));
    const results = valid.length === 0 ? [] : await orchestrator.createJobs(valid);
    const jobs = read.map((entry) =>
      answerOf(entry instanceof AvtomatikaError ? entry : (results.shift() as CreationResult)),
    );
    return reply.code(202).send({ jobs });
  });
}

function frameOf(request: FastifyRequest, blueprint: string): CreationFrame {
  const { client } = request.getDecorator<KnownCaller>("caller");
  return {
    blueprint,
    client: clientInfo(client),
    key: readKey(request.headers["idempotency-key"]),
    trace: traceOf(request.headers),
    watched: false,
  };
}

/** In a batch a refusal is an answer of its entry, and the header stands for one key per entry. */
function readEntry(body: unknown, frame: CreationFrame, index: number): Creation | AvtomatikaError {
  try {
    return readCreation(body, { ...frame, key: frame.key === null ? null : `${frame.key}#${index}` });
  } catch (error) {
    if (error instanceof AvtomatikaError) return error;
    throw error;
  }
}

function answerOf(result: CreationResult | AvtomatikaError) {
  const refused = result instanceof AvtomatikaError ? result : refusalOf(result);
  if (refused !== null) return { status: "rejected", error: refused.message, code: refused.code };
  return { status: "accepted", job_id: (result as { jobId: string }).jobId };
}

function refusalOf(result: CreationResult): AvtomatikaError | null {
  if (result.outcome === "conflict") {
    return new AvtomatikaError(
      "idempotency_conflict",
      `the Idempotency-Key was used for another request, which made job ${result.jobId}`,
    );
  }
  if (result.outcome === "over_quota") return overQuota(result.retryAfterMs);
  if (result.outcome !== "invalid") return null;
  const { issues } = result;
  return new AvtomatikaError("invalid_request", issues[0] ?? "initial_data violates the blueprint's schema", {
    details: issues,
  });
}

/** The job's view, or null if it has not ended when the time is over. */
async function waitForEnd(
  serving: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
  jobId: string,
  waitMs: number,
) {
  const { orchestrator, traffic } = serving;
  const hold = traffic.hold(reply.raw);
  try {
    const caller = request.getDecorator<Caller>("caller");
    const details = await orchestrator.getJob(caller, jobId, { waitMs, signal: hold.signal });
    if (traffic.isClosing) reply.header("connection", "close");
    return details !== null && hasEnded(details.job.status) ? jobView(details, true) : null;
  } finally {
    hold.release();
  }
}
