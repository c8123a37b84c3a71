import type { FastifyInstance } from "fastify";
import { admit } from "#server/access/admit";
import { clientAuthentication, workerAuthentication } from "#server/authentication";
import type { KnownRoutes } from "#server/known-routes";
import type { EngineRoute } from "#server/openapi/route";
import { versionBases } from "#server/paths";
import { limitClients } from "#server/rate-limits";
import { readBodies } from "#server/read-body";
import { adminRoutes } from "#server/routes/admin";
import { approvalRoutes } from "#server/routes/approvals";
import { blueprintRoutes } from "#server/routes/blueprints";
import { creationRoutes } from "#server/routes/creations";
import { documentRoutes } from "#server/routes/document";
import { fleetRoutes } from "#server/routes/fleet";
import { jobListRoutes } from "#server/routes/job-lists";
import { jobRoutes } from "#server/routes/jobs";
import { publicRoutes } from "#server/routes/public";
import { quarantineRoutes } from "#server/routes/quarantine";
import { resultRoutes } from "#server/routes/results";
import { taskRoutes } from "#server/routes/tasks";
import { workerRoutes } from "#server/routes/workers";
import { type Scope, validatorCompiler } from "#server/scope";
import type { Serving } from "#server/serving";
import { refuseUnknown } from "#server/unknown-route";

/** Adds the three groups of routes. Whatever isn't public needs a token, unknown paths of its group included. */
export function addRoutes(app: FastifyInstance, parts: Omit<Serving, "routes">, known: KnownRoutes): void {
  const routes: EngineRoute[] = [];
  const serving: Serving = { ...parts, routes };
  const { config, orchestrator, access, limiter } = serving;
  const prepare = (plain: FastifyInstance, nan: "null" | "reject"): Scope => prepareScope(plain, config, nan, routes);
  const client = `/${config.clientApiPrefix}`;
  const authenticateClient = clientAuthentication(access.clients);
  const authenticateWorker = workerAuthentication(access.workers);

  app.register(async (plain) => {
    const guarded = [
      { prefix: client, authenticate: authenticateClient },
      { prefix: "/_worker", authenticate: authenticateWorker },
    ];
    refuseUnknown(plain, known, guarded, routes);
  });
  app.register(
    async (plain) => {
      const scope = prepare(plain, "reject");
      publicRoutes(scope, serving);
      documentRoutes(scope, serving);
    },
    { prefix: "/_public" },
  );
  app.register(
    async (plain) => {
      const scope = prepare(plain, "reject");
      scope.decorateRequest("caller", null);
      scope.addHook("onRequest", async (request) => {
        request.setDecorator("caller", authenticateClient(request));
      });
      scope.register(async (creations) => {
        limitClients(creations, limiter, "creation");
        for (const blueprint of orchestrator.blueprints()) creationRoutes(creations, serving, blueprint);
      });
      for (const base of versionBases(orchestrator.blueprints())) {
        scope.register(
          async (version) => {
            limitClients(version, limiter, "client");
            clientRoutes(version, serving);
          },
          { prefix: base },
        );
      }
    },
    { prefix: client },
  );
  app.register(
    async (plain) => {
      const scope = prepare(plain, "null");
      scope.decorateRequest("sender", null);
      scope.addHook("onRequest", async (request) => {
        request.setDecorator("sender", authenticateWorker(request));
        const { worker_id: named } = request.params as { worker_id?: string };
        if (named !== undefined) admit(access.workers, request, named);
      });
      workerRoutes(scope, serving);
      taskRoutes(scope, serving);
      resultRoutes(scope, serving);
    },
    { prefix: "/_worker" },
  );
}

function clientRoutes(scope: Scope, serving: Serving): void {
  jobRoutes(scope, serving);
  jobListRoutes(scope, serving);
  approvalRoutes(scope, serving);
  quarantineRoutes(scope, serving);
  blueprintRoutes(scope, serving);
  fleetRoutes(scope, serving);
  adminRoutes(scope, serving);
}

/** Only inside of the engine's own scopes: routes that a program adds keep Fastify's ways. */
function prepareScope(
  plain: FastifyInstance,
  config: Serving["config"],
  nan: "null" | "reject",
  routes: EngineRoute[],
): Scope {
  const scope: Scope = plain.withTypeProvider<never>() as unknown as Scope;
  scope.setValidatorCompiler(validatorCompiler);
  readBodies(scope, nan);
  scope.addHook("onRoute", (route) => {
    route.bodyLimit ??= config.bodyLimitBytes;
    // Fastify's twin of every GET says nothing of its own.
    if (route.method === "HEAD") return;
    const { method, url, schema = {}, bodyLimit } = route;
    routes.push({ method: String(method), path: url, schema: schema as EngineRoute["schema"], bodyLimit });
  });
  return scope;
}
