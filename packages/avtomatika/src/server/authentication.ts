import type { FastifyRequest } from "fastify";
import type { ClientEntry } from "#config/read-clients";
import { AvtomatikaError } from "#core/errors";
import type { Caller } from "#engine/orchestrator";
import type { Directory } from "#server/access/directory";
import type { Sender, WorkerDirectory } from "#server/access/worker-directory";

/** A caller with what its section of `clients.toml` says. */
export interface KnownCaller extends Caller {
  client: ClientEntry;
}

/** Says who a client is by its token: of the first of the three headers that is there. Throws `unauthorized`. */
export function clientAuthentication(clients: Directory<ClientEntry>): (request: FastifyRequest) => KnownCaller {
  return ({ headers }) => {
    const given = headers["x-avtomatika-token"] ?? headers["x-client-token"] ?? bearer(headers.authorization);
    const client = typeof given === "string" ? clients.bearer(given) : undefined;
    if (client !== undefined) return { clientId: client.id, admin: client.admin, client };
    throw new AvtomatikaError(
      "unauthorized",
      given === undefined
        ? "a client token is needed: X-Avtomatika-Token, X-Client-Token or Authorization: Bearer"
        : "the token is no client's: it is that of a section of clients.toml, or CLIENT_TOKEN",
    );
  };
}

/** Says whose token a worker sends. Throws `unauthorized`. */
export function workerAuthentication(workers: WorkerDirectory): (request: FastifyRequest) => Sender {
  return ({ headers }) => {
    const given = headers["x-worker-token"];
    const sender = typeof given === "string" ? workers.bearer(given) : undefined;
    if (sender !== undefined) return sender;
    throw new AvtomatikaError(
      "unauthorized",
      given === undefined
        ? "a worker token is needed: X-Worker-Token"
        : "the token is no worker's: it is that of a section of workers.toml, or GLOBAL_WORKER_TOKEN",
    );
  };
}

/** Lets admins pass. Throws `forbidden`. */
export async function requireAdmin(request: Pick<FastifyRequest, "getDecorator">): Promise<void> {
  if (request.getDecorator<Caller>("caller").admin) return;
  throw new AvtomatikaError("forbidden", "only an admin may do that");
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(.+)$/i.exec(authorization)?.[1];
}
