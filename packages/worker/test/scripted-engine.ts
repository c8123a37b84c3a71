// An engine made of answers: a real HTTP server that does what a test says, and writes down what it was asked.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Worker } from "@avtomatika/worker";
import { afterEach } from "vitest";

export type Route = "register" | "heartbeat" | "poll" | "result" | "results";

export interface Call {
  route: Route;
  at: number;
  url: string;
  // biome-ignore lint/suspicious/noExplicitAny: what tests look into is what they check
  body: any;
  socket: number;
}

export interface Reply {
  status: number;
  body?: unknown;
  /** Sent as it is instead of `body`. */
  raw?: string;
  headers?: Record<string, string>;
}

/** What a call is answered; "cut" closes the socket without an answer. */
export type Script = (call: Call) => Reply | "cut" | Promise<Reply | "cut">;

interface Task {
  type: string;
  [key: string]: unknown;
}

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.stop();
});

export class ScriptedEngine {
  readonly calls: Call[] = [];
  /** The results that were accepted, by task. */
  // biome-ignore lint/suspicious/noExplicitAny: what tests look into is what they check
  readonly results = new Map<string, any>();
  /** Answers in the place of the usual ones. */
  readonly scripts: Partial<Record<Route, Script>> = {};
  record: Record<string, unknown> = {};
  cancels: string[] = [];
  #tasks: object[] = [];
  #rung = Promise.withResolvers<void>();
  #server: Server | undefined;
  #port = 0;
  readonly #sockets = new Map<object, number>();

  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#serve(request, response));
    server.keepAliveTimeout = 30_000;
    this.#server = server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Hands tasks to the next poll; answers their ids. */
  give(...tasks: Task[]): string[] {
    const whole = tasks.map((task) => ({
      task_id: `t-${crypto.randomUUID()}`,
      job_id: "job-1",
      params: {},
      tracing_context: {},
      priority: 0,
      attempt: 1,
      deadline: Date.now() / 1000 + 300,
      ...task,
    }));
    this.#tasks.push(...whole);
    this.ring();
    return whole.map((task) => task.task_id);
  }

  of(route: Route): Call[] {
    return this.calls.filter((call) => call.route === route);
  }

  /** Resolves when `holds` does: it is asked after each call and each answer. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#rung.promise;
  }
  /** The result of a task, once it was accepted. */
  // biome-ignore lint/suspicious/noExplicitAny: what tests look into is what they check
  async resultOf(taskId: string | undefined): Promise<any> {
    await this.until(() => this.results.has(taskId ?? ""));
    return this.results.get(taskId ?? "");
  }
  ring(): void {
    this.#rung.resolve();
    this.#rung = Promise.withResolvers<void>();
  }

  /** Gone: sockets are closed, the port refuses. */
  async stop(): Promise<void> {
    this.#server?.close();
    this.#server?.closeAllConnections();
    if (this.#server?.listening) await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    request.setEncoding("utf8");
    for await (const chunk of request) text += chunk;
    const url = request.url ?? "";
    const socket = this.#sockets.get(request.socket) ?? this.#sockets.size + 1;
    this.#sockets.set(request.socket, socket);
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const call: Call = { route: routeOf(request.method, url), at: performance.now(), url, body, socket };
    this.calls.push(call);
    this.ring();
    const script = this.scripts[call.route] ?? ((one: Call) => this.usual(one, response));
    const reply = await script(call);
    if (reply === "cut") request.socket.destroy();
    else answer(response, reply);
    this.ring();
  }

  /** What a whole engine would say. */
  async usual({ route, body }: Call, response?: ServerResponse): Promise<Reply> {
    switch (route) {
      case "register":
        this.record = body;
        return { status: 200, body: { status: "registered" } };
      case "heartbeat":
        return this.#heartbeat(body);
      case "poll":
        await this.until(() => this.#tasks.length > 0 || response?.destroyed === true || response?.closed === true);
        return this.#tasks.length === 0 ? { status: 204 } : { status: 200, body: { tasks: this.#tasks.splice(0) } };
      case "result":
        this.results.set(body.task_id, body.result);
        return { status: 200, body: { status: "result_accepted_success" } };
      case "results":
        for (const { task_id, result } of body.results) this.results.set(task_id, result);
        return { status: 200, body: { results: body.results.map(() => ({ status: "result_accepted_success" })) } };
    }
  }

  #heartbeat(body: object): Reply {
    const { progress: _progress, ...state } = body as { progress?: unknown };
    this.record = { ...this.record, ...state };
    const cancels = this.cancels.length > 0 ? { cancel_task_ids: this.cancels } : {};
    return { status: 200, body: { ...this.record, worker_id: "w", ...cancels } };
  }
}

function routeOf(method: string | undefined, url: string): Route {
  if (method === "PATCH") return "heartbeat";
  if (method === "GET") return "poll";
  if (url.endsWith("/register")) return "register";
  return url.endsWith("/results") ? "results" : "result";
}

function answer(response: ServerResponse, { status, body, raw, headers = {} }: Reply): void {
  const text = raw ?? (body === undefined ? "" : JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
}

/** An engine that runs; it is gone after the test. */
export async function scriptedEngine(): Promise<ScriptedEngine> {
  const engine = await new ScriptedEngine().start();
  started.push(engine);
  return engine;
}

/** A worker of that engine that says nothing; it is stopped after the test. */
export function workerOf(engine: ScriptedEngine, options: ConstructorParameters<typeof Worker>[0] = {}): Worker {
  const worker = new Worker({
    orchestratorUrl: engine.url,
    token: "secret",
    workerId: "w",
    logger: silent,
    ...options,
  });
  started.push(worker);
  return worker;
}

const nothing = (): void => {};
const silent = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  child: () => silent,
};
