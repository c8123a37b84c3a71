import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { AvtomatikaError } from "#core/errors";
import type { Caller } from "#engine/orchestrator";

/** The one client of a configuration without `clients.toml`. */
const defaultClient: Caller = { clientId: "default", admin: true };

/** Says who a client is by its token: of the first of the three headers that is there. Throws `unauthorized`. */
export function clientAuthentication(token: string): (request: FastifyRequest) => Caller {
  const isRight = sameAs(token);
  return ({ headers }) => {
    const given = headers["x-avtomatika-token"] ?? headers["x-client-token"] ?? bearer(headers.authorization);
    if (typeof given === "string" && isRight(given)) return defaultClient;
    throw new AvtomatikaError(
      "unauthorized",
      "a client token is needed: X-Avtomatika-Token, X-Client-Token or Authorization: Bearer",
    );
  };
}

/** Lets workers with the shared token in. Throws `unauthorized`. */
export function workerAuthentication(token: string): (request: FastifyRequest) => void {
  const isRight = sameAs(token);
  return ({ headers }) => {
    const given = headers["x-worker-token"];
    if (typeof given === "string" && isRight(given)) return;
    throw new AvtomatikaError("unauthorized", "a worker token is needed: X-Worker-Token");
  };
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(.+)$/i.exec(authorization)?.[1];
}

/** Hashes have one length, and their comparison takes one time. */
function sameAs(secret: string): (given: string) => boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  const wanted = hash(secret);
  return (given) => timingSafeEqual(hash(given), wanted);
}
