import type { FastifyInstance, FastifyRequest } from "fastify";
import { AvtomatikaError } from "#core/errors";
import type { KnownRoutes } from "#server/known-routes";

interface Guarded {
  prefix: string;
  authenticate: (request: FastifyRequest) => unknown;
}

/** Unknown paths: `401` without the token of their group, then `405` or `404`. Their bodies are never read. */
export function refuseUnknown(scope: FastifyInstance, known: KnownRoutes, guarded: readonly Guarded[]): void {
  scope.addHook("onRequest", async (request) => {
    const path = request.url.split("?", 1)[0] as string;
    const group = guarded.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
    group?.authenticate(request);
    const methods = known.methodsOf(path);
    if (methods.length === 0)
      throw new AvtomatikaError("not_found", `there is no route ${request.method} ${path.slice(0, 200)}`);
    throw new MethodError(`${path.slice(0, 200)} has no method ${request.method}, only ${methods.join(", ")}`, methods);
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
