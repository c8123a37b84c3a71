import { listQuery, quarantineQuery } from "@avtomatika/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import { AvtomatikaError } from "#core/errors";
import type { JobStatus } from "#core/status";
import type { Caller } from "#engine/orchestrator";
import { jobEntry } from "#server/answer/job-entry";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

interface ListQuery {
  status?: JobStatus;
  blueprint?: string;
  limit?: number;
  offset?: number;
  cursor?: string;
}

const defaultLimit = 100;

/** Own jobs (an admin's: all), newest first, and those of them in quarantine. */
export function jobListRoutes(scope: Scope, serving: Serving): void {
  scope.get("/jobs", { schema: { querystring: listQuery } }, (request, reply) =>
    sendPage(serving, request, reply, request.query, false),
  );
  scope.get("/jobs/quarantined", { schema: { querystring: quarantineQuery } }, (request, reply) =>
    sendPage(serving, request, reply, request.query, true),
  );
}

async function sendPage(
  { orchestrator }: Serving,
  request: Pick<FastifyRequest, "getDecorator" | "url">,
  reply: Pick<FastifyReply, "header">,
  query: ListQuery,
  quarantine: boolean,
) {
  const { status = null, blueprint = null, limit = defaultLimit, offset = 0, cursor = null } = query;
  if (cursor !== null && query.offset !== undefined) {
    throw new AvtomatikaError("invalid_request", "offset: it goes without cursor, give one of them");
  }
  const filter = { status, blueprint, limit, offset, cursor, quarantine };
  const { jobs, nextCursor } = await orchestrator.listJobs(request.getDecorator<Caller>("caller"), filter);
  if (nextCursor !== null) reply.header("link", `<${nextUrl(request.url, nextCursor)}>; rel="next"`);
  return jobs.map(jobEntry);
}

function nextUrl(url: string, cursor: string): string {
  const [path = "", ...search] = url.split("?");
  const parameters = new URLSearchParams(search.join("?"));
  parameters.delete("offset");
  parameters.set("cursor", cursor);
  return `${path}?${parameters}`;
}
