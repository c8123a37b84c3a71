// A real HTTP server that does what the test says, request by request.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { AvtomatikaClient, type AvtomatikaClientOptions } from "#index";

export interface Received {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: what tests look into is what they check
  body: any;
}

export type Act = (response: ServerResponse, request: Received) => void;

/** Answers with JSON. */
export function say(status: number, body: unknown, headers: Record<string, string> = {}): Act {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

/** An error of the engine's form. */
export function refuse(status: number, code: string, headers: Record<string, string> = {}): Act {
  return say(status, { error: `it is ${code}`, code, request_id: "r-1" }, headers);
}

/** Breaks the connection in place of an answer. */
export const cut: Act = (response) => response.destroy();

/** Never answers. */
export const silence: Act = () => {};

/** Accepts a creation: `job-1`, `job-2` …; a batch entry by entry. */
export function accept(): Act {
  let count = 0;
  const next = () => ({ status: "accepted", job_id: `job-${++count}` });
  return (response, request) => {
    const isBatch = request.path.endsWith("/batch");
    say(202, isBatch ? { jobs: request.body.jobs.map(next) } : next())(response, request);
  };
}

export class ScriptedServer {
  readonly received: Received[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #script: Act[];

  /** The last act is for all further requests. */
  constructor(script: Act[]) {
    this.#script = script;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const part of request.setEncoding("utf8")) text += part;
    const { method = "", url: path = "", headers } = request;
    const received = { method, path, headers, body: text === "" ? null : JSON.parse(text) };
    this.received.push(received);
    const act = this.#script.length > 1 ? this.#script.shift() : this.#script[0];
    act?.(response, received);
  }
}

/** A server with that script and a client of it, whose pauses are short; both end with the test. */
export async function script(
  acts: Act[],
  options: Partial<AvtomatikaClientOptions> = {},
): Promise<{ server: ScriptedServer; client: AvtomatikaClient }> {
  const server = new ScriptedServer(acts);
  await server.listen();
  const client = new AvtomatikaClient({
    url: server.url,
    token: "t",
    retry: { delayMs: 1, maxDelayMs: 5 },
    ...options,
  });
  onTestFinished(async () => {
    const closing = client.close();
    await server.close();
    await closing;
  });
  return { server, client };
}
