import { isIPv6 } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Config } from "#config/config";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import type { RateLimit } from "#core/rate-share";
import type { Caller } from "#engine/orchestrator";
import type { RateKind, RateLimiter, RateLimits } from "#engine/rate-limiter";
import { TooManyError } from "#server/too-many-error";

/** Says who may go on: an engine's, or one that lets everybody through. */
export type Limiter = Pick<RateLimiter, "admit">;

export const unlimited: Limiter = { admit: async () => ({ outcome: "admitted" }) };

/** The limits of a configuration. */
export function rateLimitsOf(config: Config): RateLimits {
  const of = (perSecond: number, burst: number): RateLimit | null =>
    config.rateLimitingEnabled && perSecond > 0 ? { perSecond, burst } : null;
  return {
    creation: of(config.creationRateLimitPerSecond, config.creationRateLimitBurst),
    client: of(config.clientRateLimitPerSecond, config.clientRateLimitBurst),
    heartbeat: of(config.heartbeatRateLimitPerSecond, config.heartbeatRateLimitBurst),
    unauthenticated: of(config.unauthenticatedRateLimitPerSecond, config.unauthenticatedRateLimitBurst),
  };
}

/** Refuses calls of clients beyond their limit, before their bodies are read. */
export function limitClients(scope: FastifyInstance, limiter: Limiter, kind: "creation" | "client"): void {
  scope.addHook("onRequest", async (request) => {
    await refuseExcess(limiter, kind, request.getDecorator<Caller>("caller").clientId);
  });
}

/** Throws `rate_limited` for a call beyond the limit, `store_unavailable` where nobody can tell whether it is. */
export async function refuseExcess(limiter: Limiter, kind: RateKind, principal: string): Promise<void> {
  const admission = await limiter.admit(kind, principal);
  if (admission.outcome === "admitted") return;
  const what = words[kind](principal);
  if (admission.outcome === "away") {
    throw new AvtomatikaError("store_unavailable", `the store is away, and with it the count of ${what}`);
  }
  const { perSecond, burst } = admission.limit;
  throw new TooManyError(
    "rate_limited",
    `too many ${what}: at most ${perSecond} a second, ${burst} at once`,
    admission.retryAfterMs,
  );
}

const words: Record<RateKind, (principal: string) => string> = {
  creation: (client) => `creations of client ${quote(client)}`,
  client: (client) => `calls of client ${quote(client)}`,
  heartbeat: (worker) => `heartbeats of worker ${quote(worker)}`,
  unauthenticated: () => "requests without a valid token from this address",
};

/** Whoever fails to prove who he is too often is told that instead: what is to be sent for an error that was thrown. */
export async function limitFailures(limiter: Limiter, error: unknown, address: string): Promise<unknown> {
  if (!(error instanceof AvtomatikaError) || error.code !== "unauthorized") return error;
  try {
    await refuseExcess(limiter, "unauthenticated", hostOf(address));
    return error;
  } catch (refusal) {
    return refusal;
  }
}

/** Who has an IPv6 address has 2⁶⁴ of them: all those count as one. */
export function hostOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = (address.split("%", 1)[0] as string).split("::");
  const groups = head === "" ? [] : head.split(":");
  const zeros = tail === undefined ? 0 : 8 - groups.length - tail.split(":").filter(Boolean).length;
  const all = [...groups, ...Array.from({ length: zeros }, () => "0"), ...(tail ?? "").split(":").filter(Boolean)];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
