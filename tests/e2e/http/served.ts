// An engine on a free port of 127.0.0.1, and calls to it.
import {
  type Config,
  loadConfig,
  MemoryStorage,
  OrchestratorEngine,
  type StateMachineBlueprint,
  type Storage,
} from "avtomatika";
import { afterEach, expect } from "vitest";
import { type Contract, contractOf } from "../../contract/contract.ts";
import { flows } from "./flows.ts";

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what tests look into is what they check
  body: any;
}

export interface CallOptions {
  body?: unknown;
  /** Sent as it is instead of `body`. */
  raw?: string | Uint8Array;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

const clientToken = "client-secret-of-the-test";
const workerToken = "worker-secret-of-the-test";
const started: OrchestratorEngine[] = [];

afterEach(async () => {
  for (const engine of started.splice(0)) await engine.stop();
});

/** An engine that is asked over HTTP; every answer is held against the engine's OpenAPI document. */
export class Served {
  readonly engine: OrchestratorEngine;
  #contract: Promise<Contract> | undefined;

  constructor(engine: OrchestratorEngine) {
    this.engine = engine;
  }

  /** With the client's token. */
  client(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    return this.call(method, path, { ...options, headers: { "x-client-token": clientToken, ...options.headers } });
  }
  /** With the worker's token. */
  worker(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    return this.call(method, path, { ...options, headers: { "x-worker-token": workerToken, ...options.headers } });
  }
  /** Without a token. */
  async call(method: string, path: string, { body, raw, headers = {}, signal }: CallOptions = {}): Promise<Answer> {
    this.#contract ??= this.#readContract();
    const contract = await this.#contract;
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(this.engine.address + path, {
      method,
      headers: typeof sent !== "string" ? headers : { "content-type": "application/json", ...headers },
      ...(sent !== undefined && { body: sent as string }),
      ...(signal && { signal }),
    });
    const text = await response.text();
    const contentType = response.headers.get("content-type") ?? "";
    const told = { status: response.status, contentType, text };
    // fetch tidies paths up: what counts is what was asked for.
    const { pathname } = new URL(response.url);
    expect(contract.faultOf(method, pathname, { ...told, headersOnly: method === "HEAD" })).toBe(null);
    const isJson = contentType.startsWith("application/json");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  async #readContract(): Promise<Contract> {
    const { payload } = await this.engine.app.inject("/_public/openapi.json");
    return contractOf(payload);
  }

  /** Creates a job of a blueprint below `/api/v1/`; answers its id. */
  async create(endpoint: string, data: object = {}, query = ""): Promise<string> {
    const { status, body } = await this.client("POST", `/api/v1/${endpoint}${query}`, { body: data });
    expect([200, 202]).toContain(status);
    return body.job_id;
  }
  /** A job's view; with `wait` once it has ended. */
  async view(jobId: string, wait = 0): Promise<Answer["body"]> {
    const { status, body } = await this.client("GET", `/api/v1/jobs/${jobId}?wait=${wait}`);
    expect(status).toBe(200);
    return body;
  }
  /** The view, once it fulfils `holds`: the engine is asked again and again. */
  async until(jobId: string, holds: (view: Answer["body"]) => boolean): Promise<Answer["body"]> {
    for (;;) {
      const view = await this.view(jobId);
      if (holds(view)) return view;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  async register(workerId: string, record: object = {}): Promise<void> {
    const body = { worker_id: workerId, supported_tasks: ["work"], ...record };
    expect((await this.worker("POST", "/_worker/workers/register", { body })).status).toBe(200);
  }
  /** Polls until there is a task. */
  async take(workerId: string): Promise<Answer["body"]> {
    for (;;) {
      const { status, body } = await this.worker("GET", `/_worker/workers/${workerId}/tasks/next`);
      if (status === 200) return body;
    }
  }
  async report(task: { job_id: string; task_id: string }, workerId: string, result: unknown): Promise<Answer["body"]> {
    const body = { job_id: task.job_id, task_id: task.task_id, worker_id: workerId, result };
    const answer = await this.worker("POST", "/_worker/tasks/result", { body });
    expect(answer.status).toBe(200);
    return answer.body;
  }
}

/** An engine over memory that serves the flows of these tests; it is stopped after the test. */
export async function serve(
  overrides: Parameters<typeof loadConfig>[0] = {},
  {
    storage = new MemoryStorage(),
    blueprints = flows(),
  }: { storage?: Storage; blueprints?: StateMachineBlueprint[] } = {},
): Promise<Served> {
  const served = new Served(prepare(overrides, storage, blueprints));
  await served.engine.start();
  return served;
}

/** The same before its start. */
export function prepare(
  overrides: Parameters<typeof loadConfig>[0],
  storage: Storage = new MemoryStorage(),
  blueprints: StateMachineBlueprint[] = flows(),
): OrchestratorEngine {
  const engine = new OrchestratorEngine({ storage, config: config(overrides) });
  for (const blueprint of blueprints) engine.registerBlueprint(blueprint);
  started.push(engine);
  return engine;
}

function config(overrides: Parameters<typeof loadConfig>[0]): Config {
  return loadConfig({
    apiHost: "127.0.0.1",
    apiPort: 0,
    clientToken,
    globalWorkerToken: workerToken,
    logLevel: "silent",
    workerPollTimeoutSeconds: 0.5,
    // One client and one address do all calls of a test.
    rateLimitingEnabled: false,
    jobMaxRetries: 0,
    ...overrides,
  });
}

export const tokens = { clientToken, workerToken };
