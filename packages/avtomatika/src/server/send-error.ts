import type { FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "#core/logger";
import { toErrorAnswer } from "#server/error-answer";
import { TooManyError } from "#server/too-many-error";

/** How long clients should stay away while the store is. */
const retryAfterSeconds = "5";

/** Sends an error in the one form that all errors have. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const { status, code, message, details } = toErrorAnswer(error, request.routeOptions.bodyLimit ?? 0);
  if (status >= 500 && code !== "store_unavailable") {
    const { method } = request;
    const route = request.routeOptions.url ?? "unknown";
    logger.error({ err: error, request_id: request.id, method, route }, "a request failed");
  }
  if (error instanceof TooManyError) reply.header("retry-after", error.retryAfterSeconds);
  if (status === 503) reply.header("retry-after", retryAfterSeconds);
  if (status === 405 && "allow" in (error as object)) reply.header("allow", (error as { allow: string }).allow);
  return reply.code(status).send({ error: message, code, ...(details && { details }), request_id: request.id });
}
