import type { FastifyInstance, FastifyRequest } from "fastify";
import { AvtomatikaError } from "#core/errors";
import type { KnownRoutes } from "#server/known-routes";
import { nearRoute } from "#server/near-route";
import type { EngineRoute } from "#server/openapi/route";

interface Guarded {
  prefix: string;
  authenticate: (request: FastifyRequest) => unknown;
}

/**
 * Unknown paths: `401` without the token of their group, then `405` or `404`, which name the nearest of `routes`. Their
 * bodies are never read.
 */
export function refuseUnknown(
  scope: FastifyInstance,
  known: KnownRoutes,
  guarded: readonly Guarded[],
  routes: readonly EngineRoute[],
): void {
  scope.addHook("onRequest", async (request) => {
    const path = request.url.split("?", 1)[0] as string;
    const group = guarded.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
    group?.authenticate(request);
    const { method } = request;
    const methods = known.methodsOf(path);
    const near = nearRoute(method, path, routes);
    const hint = near === undefined ? "" : `, did you mean "${method} ${near}"?`;
    const came = path.slice(0, 200);
    if (methods.length === 0) {
      const rest = hint || "; /_public/docs shows all routes";
      throw new AvtomatikaError("not_found", `there is no route ${method} ${came}${rest}`);
    }
    throw new MethodError(`${came} has no method ${method}, only ${methods.join(", ")}${hint}`, methods);
  });
  // Never reached: the hook refuses before a body is read.
  scope.setNotFoundHandler(async () => {});
}

class MethodError extends AvtomatikaError {
  readonly allow: string;
  constructor(message: string, methods: readonly string[]) {
    super("method_not_allowed", message);
    this.allow = methods.join(", ");
  }
}
