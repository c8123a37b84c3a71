import type { Random } from "../simulate/random.ts";
import type { Attack } from "./attack.ts";
import { tokens } from "./attacked-engine.ts";
import { attacked } from "./flows.ts";
import type { Pools } from "./pools.ts";

/** A request that is right. */
export interface Right {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
}

/** What the document doesn't say of a route: how a right request is made that has something to work on. */
export interface Shape {
  group: "public" | "client" | "worker";
  right: (random: Random, pools: Pools) => Right;
  /** What a right request may be answered: the thing's state decides. */
  answers: readonly number[];
  /** For a creation the name of its blueprint. */
  creates?: string;
  /** For a creation: initial data that its blueprint takes; any by default. */
  data?: Record<string, unknown>;
  /** Why it can't give an answer of that class. */
  never?: Partial<Record<"2xx" | "4xx", string>>;
}

const words = ["a", "x y", "ü", "💥", "__proto__", "constructor", "toString", "", "0", "-1", "null", "a\u0000b"];

/** Any JSON. */
export function anyJson(random: Random, depth = 3): unknown {
  const kind = random.int(0, depth > 0 ? 7 : 5);
  if (kind === 0) return null;
  if (kind === 1) return random.chance(0.5);
  if (kind === 2) return random.pick([0, -1, 1.5, 1e308, -1e308, 1e-320, 2 ** 53 - 1]);
  if (kind <= 5) return random.pick(words);
  const length = random.int(0, 4);
  if (kind === 6) return Array.from({ length }, () => anyJson(random, depth - 1));
  return anyObject(random, depth - 1);
}

export function anyObject(random: Random, depth = 2): Record<string, unknown> {
  const entries = Array.from({ length: random.int(0, 4) }, (): [string, unknown] => [
    random.pick(words),
    anyJson(random, depth),
  ]);
  return Object.fromEntries(entries);
}

const workers = ["w1", "w2", "ü-worker", "constructor", "__proto__", "w 3", "a/b"];
const decisions = ["approved", "rejected"];

function envelope(random: Random, data: Record<string, unknown> = anyObject(random)) {
  return {
    initial_data: data,
    ...(random.chance(0.3) && { priority: random.int(-1000, 1000) }),
    ...(random.chance(0.3) && { metadata: anyObject(random) }),
    ...(random.chance(0.2) && { dispatch_timeout: 3600, result_timeout: 3e12 }),
    ...(random.chance(0.1) && { webhook_url: null, webhook_events: null }),
  };
}

function result(random: Random, pools: Pools) {
  const { jobId, taskId } = pools.tasks.length === 0 ? { jobId: "a", taskId: "b" } : random.pick(pools.tasks);
  const report = random.pick([
    { status: "success", data: anyObject(random) },
    { status: random.pick(["odd", "constructor", "__proto__", "failure", "cancelled"]), data: anyJson(random) },
    { status: "failure", error: { code: random.pick(["PERMANENT_ERROR", "toString", "x"]), message: anyJson(random) } },
    anyJson(random),
  ]);
  const isFlat = typeof report === "object" && report !== null && !Array.isArray(report) && random.chance(0.3);
  const ids = {
    job_id: random.chance(0.9) ? jobId : "none",
    task_id: taskId,
    ...(random.chance(0.7) && { worker_id: random.pick(workers) }),
  };
  return isFlat ? { ...report, ...ids } : { ...ids, result: report };
}

const ofJob = (random: Random, pools: Pools): Right => ({ params: { job_id: pools.job(random) } });
const noFields = (): Right => ({});

/** Below `/api` and a version. */
const clientShapes: Readonly<Record<string, Omit<Shape, "group">>> = {
  "GET jobs/:job_id": {
    right: (random, pools) => ({
      ...(random.chance(0.5) ? ofJob(random, pools) : { params: { job_id: pools.job(random, "approval") } }),
      query: random.pick([{}, {}, { fields: "status,id, nonsense" }, { wait: "0.001" }]),
    }),
    answers: [200],
  },
  "GET jobs/:job_id/explain": { right: ofJob, answers: [200] },
  "POST jobs/:job_id/cancel": { right: ofJob, answers: [200, 409] },
  "GET jobs": {
    right: (random, pools) => ({
      query: {
        ...(random.chance(0.5) && { limit: String(random.int(1, 20)) }),
        ...(random.chance(0.3) && { status: random.pick(["finished", "quarantined", "waiting_for_worker"]) }),
        ...(random.chance(0.3) && { blueprint: random.pick([...attacked, "none", "__proto__"]) }),
        ...(pools.cursors.length > 0 && random.chance(0.5)
          ? { cursor: random.pick(pools.cursors) }
          : { offset: String(random.int(0, 50)) }),
      },
    }),
    answers: [200],
  },
  "GET jobs/quarantined": {
    right: (random) => ({ query: { limit: String(random.int(1, 20)) } }),
    answers: [200],
  },
  "POST jobs/:job_id/approval": {
    right: (random, pools) => ({
      params: { job_id: pools.job(random, "approval") },
      body: { decision: random.pick(decisions), comment: random.pick([null, "fine"]), metadata: anyJson(random) },
    }),
    answers: [200, 409],
  },
  "POST jobs/:job_id/requeue": {
    right: (random, pools) => ({
      params: { job_id: random.chance(0.8) ? pools.job(random, "broken") : pools.job(random) },
      body: {
        state: random.pick([null, "start", "failed"]),
        patch: random.chance(0.3) ? { mended: true } : anyObject(random),
      },
    }),
    // A blueprint may lack the state that is named.
    answers: [200, 409, 400],
  },
  "POST jobs/:job_id/discard": {
    right: (random, pools) => ({
      params: { job_id: random.chance(0.3) ? pools.job(random, "broken") : pools.job(random) },
    }),
    answers: [200, 409],
  },
  "GET blueprints": { right: noFields, answers: [200] },
  "GET blueprints/:name/graph": {
    right: (random) => ({ params: { name: random.pick(attacked) }, query: random.pick([{}, { format: "dot" }]) }),
    answers: [200],
  },
  "GET workers": { right: noFields, answers: [200] },
  "GET dashboard": { right: noFields, answers: [200] },
  "POST admin/reload-clients": { right: noFields, answers: [200] },
  "POST admin/reload-workers": { right: noFields, answers: [200] },
};

const otherShapes: Readonly<Record<string, Shape>> = {
  "GET /_public/status": {
    group: "public",
    right: noFields,
    answers: [200],
    never: { "4xx": "it takes nothing that could be wrong" },
  },
  "GET /_public/ready": {
    group: "public",
    right: noFields,
    answers: [200],
    never: { "4xx": "it takes nothing that could be wrong" },
  },
  "GET /_public/openapi.json": {
    group: "public",
    right: noFields,
    answers: [200],
    never: { "4xx": "it takes nothing that could be wrong" },
  },
  "GET /_public/docs": {
    group: "public",
    right: noFields,
    answers: [200],
    never: { "4xx": "it takes nothing that could be wrong" },
  },
  "GET /_public/docs/:file": {
    group: "public",
    right: (random) => ({ params: { file: random.pick(["page.js", "page.css", "favicon-32x32.png", "none"]) } }),
    answers: [200, 404],
  },
  "POST /_public/webhooks/approval/:job_id": {
    group: "public",
    right: (random, pools) => {
      const { jobId, token } =
        pools.approvals.length === 0 ? { jobId: "a", token: "b" } : random.pick(pools.approvals.slice(-20));
      const decision = random.pick(decisions);
      const inBody = random.chance(0.5);
      return {
        params: { job_id: jobId },
        query: inBody ? {} : { token },
        body: { decision, ...(inBody && { token }), metadata: anyJson(random) },
      };
    },
    answers: [200, 401],
  },
  "POST /_worker/workers/register": {
    group: "worker",
    right: (random) => ({
      body: {
        ...anyObject(random),
        worker_id: random.pick(workers),
        supported_tasks: random.pick([["work"], ["work", "__proto__"], ["constructor"]]),
        cost_per_skill: random.pick([{ work: 1, constructor: 2 }, JSON.parse('{"__proto__": 3}'), null]),
        resources: random.pick([{ cpu_cores: 4, gpu_info: null }, anyObject(random)]),
        capabilities: anyObject(random),
        multi_orchestrator_info: anyJson(random),
        hot_cache: random.pick([[], ["a", { name: "b" }]]),
      },
    }),
    answers: [200],
  },
  "PATCH /_worker/workers/:worker_id": {
    group: "worker",
    right: (random, pools) => ({
      params: { worker_id: random.pick(workers) },
      body: {
        ...anyObject(random),
        load: random.next() * 10,
        status: random.pick(["idle", "busy", "offline", "draining", null]),
        supported_tasks: ["work"],
        progress: { [pools.tasks.length === 0 ? "t" : random.pick(pools.tasks).taskId]: { progress: 1e308 } },
        skill_dependencies: random.pick([null, anyObject(random)]),
      },
    }),
    answers: [200],
  },
  "GET /_worker/workers/:worker_id/tasks/next": {
    group: "worker",
    right: (random) => ({
      params: { worker_id: random.pick(workers) },
      query: random.pick([{}, { limit: "3" }, { timeout: "0" }]),
    }),
    answers: [200, 204],
  },
  "GET /_worker/tasks/:task_id": {
    group: "worker",
    right: (random, pools) => ({
      params: { task_id: pools.tasks.length === 0 ? "none" : random.pick(pools.tasks).taskId },
    }),
    answers: [200],
  },
  "POST /_worker/tasks/result": {
    group: "worker",
    right: (random, pools) => ({ body: result(random, pools) }),
    answers: [200],
  },
  "POST /_worker/tasks/results": {
    group: "worker",
    right: (random, pools) => ({
      body: { results: Array.from({ length: random.int(1, 5) }, () => result(random, pools)) },
    }),
    answers: [200],
  },
};

/** Names of blueprints by their endpoints. */
const endpoints: Readonly<Record<string, string>> = {
  ...Object.fromEntries(["control", ...attacked].map((name) => [name, name])),
  "own/unversioned": "unversioned",
};

/** What a blueprint takes that doesn't take everything. */
const inputs: Readonly<Record<string, Record<string, unknown>>> = { typed: { file: "a", size: 2 } };

/** How right requests to a route of the engine's list are made; undefined for one that nobody has described. */
export function shapeOf(route: string): Shape | undefined {
  const known = otherShapes[route.replace(/^HEAD /, "GET ")];
  if (known !== undefined) return known;
  const match = /^(GET|HEAD|POST|PATCH) \/api(?:\/v\d+)?\/(.+)$/.exec(route);
  if (match === null) return undefined;
  const [, method = "", path = ""] = match;
  const shape = clientShapes[`${method === "HEAD" ? "GET" : method} ${path}`];
  if (shape !== undefined) return { group: "client", ...shape };
  return method === "POST" ? creationShape(path) : undefined;
}

/** The path of a right request, with its query. */
export function pathOf(pattern: string, { params, query = {} }: Right): string {
  const path = pattern.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(params?.[name] ?? "x"));
  const search = new URLSearchParams(query).toString();
  return search === "" ? path : `${path}?${search}`;
}

/** The headers of a right request. */
export function headersOf(group: Shape["group"], method: string): Attack["headers"] {
  const type: Record<string, string> =
    method === "GET" || method === "HEAD" ? {} : { "content-type": "application/json" };
  if (group === "public") return type;
  return group === "client"
    ? { ...type, "x-client-token": tokens.client }
    : { ...type, "x-worker-token": tokens.worker };
}

function creationShape(path: string): Shape | undefined {
  const single = endpoints[path];
  if (single !== undefined) {
    const data = inputs[single];
    return {
      group: "client",
      right: (random) => ({ body: envelope(random, data), query: single === "quick" ? { wait: "5" } : {} }),
      answers: [200, 202],
      creates: single,
      ...(data && { data }),
    };
  }
  const batch = endpoints[path.replace(/\/batch$/, "")];
  if (batch === undefined) return undefined;
  const data = inputs[batch];
  return {
    group: "client",
    right: (random) => ({
      body: {
        jobs: Array.from({ length: random.int(1, 3) }, () =>
          random.chance(0.7) ? envelope(random, data) : anyJson(random),
        ),
      },
    }),
    answers: [202],
    creates: batch,
    ...(data && { data }),
  };
}
