import { type Dispatcher, Pool } from "undici";
import { ClockOffset } from "#engine/clock-offset";
import { messageOf } from "#task/errors";

/** What came of a call. */
export interface Answer {
  /** 0: no answer, or one that is not the engine's. */
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** What `Retry-After` asks for; null without it. */
  readonly retryAfterMs: number | null;
  /** Why it isn't a 200, in words. */
  readonly reason: string;
}

export interface EngineClientOptions {
  url: URL;
  token: string;
  workerId: string;
  pollTimeoutSeconds: number;
}

const connectMs = 10_000;
const answerMs = 30_000;
/** What a parked poll may take beyond its time: engines hold error answers back for 5 s. */
const pollPatienceMs = 15_000;
/** A poll, a heartbeat, a registration, results: the rest is room. */
const connections = 8;

/** The calls of a worker to its engine, over connections that stay open. No call throws. */
export class EngineClient {
  readonly clock = new ClockOffset();
  readonly #pool: Pool;
  readonly #base: string;
  readonly #worker: string;
  readonly #token: string;
  readonly #pollTimeoutSeconds: number;

  constructor({ url, token, workerId, pollTimeoutSeconds }: EngineClientOptions) {
    this.#pool = new Pool(url.origin, {
      connections,
      keepAliveTimeout: 10_000,
      headersTimeout: answerMs,
      bodyTimeout: answerMs,
      connect: { timeout: connectMs },
    });
    this.#base = url.pathname.replace(/\/+$/, "");
    this.#worker = `/_worker/workers/${encodeURIComponent(workerId)}`;
    this.#token = token;
    this.#pollTimeoutSeconds = pollTimeoutSeconds;
  }

  register(record: object): Promise<Answer> {
    return this.#call({ method: "POST", path: "/_worker/workers/register", body: JSON.stringify(record) });
  }
  heartbeat(record: object): Promise<Answer> {
    return this.#call({ method: "PATCH", path: this.#worker, body: JSON.stringify(record) });
  }
  /** Waits for up to `limit` tasks. */
  poll(limit: number, signal: AbortSignal): Promise<Answer> {
    const query = `?limit=${limit}&timeout=${this.#pollTimeoutSeconds}`;
    const headersTimeout = this.#pollTimeoutSeconds * 1000 + pollPatienceMs;
    return this.#call({ method: "GET", path: `${this.#worker}/tasks/next${query}`, headersTimeout, signal });
  }
  /** One result: its JSON text with the ids around it. */
  result(text: string): Promise<Answer> {
    return this.#call({ method: "POST", path: "/_worker/tasks/result", body: text });
  }
  results(texts: readonly string[]): Promise<Answer> {
    return this.#call({ method: "POST", path: "/_worker/tasks/results", body: `{"results":[${texts.join(",")}]}` });
  }

  /** Ends every call under way. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #call(options: Omit<Dispatcher.RequestOptions, "path"> & { path: string }): Promise<Answer> {
    const headers = {
      "x-worker-token": this.#token,
      ...(options.body !== undefined && { "content-type": "application/json" }),
    };
    try {
      const {
        statusCode,
        headers: got,
        body,
      } = await this.#pool.request({
        ...options,
        path: this.#base + options.path,
        headers,
      });
      this.clock.observe(first(got["date"]));
      return read(statusCode, await body.text(), first(got["retry-after"]));
    } catch (error) {
      return { status: 0, body: {}, retryAfterMs: null, reason: reasonOf(error) };
    }
  }
}

function read(status: number, text: string, retryAfter: string | undefined): Answer {
  const body = parse(text);
  const seconds = Number(retryAfter);
  const retryAfterMs = retryAfter === undefined || Number.isNaN(seconds) ? null : seconds * 1000;
  if (status === 200 && body === null) {
    return { status: 0, body: {}, retryAfterMs, reason: "200 without a JSON object: is that the engine?" };
  }
  const words = typeof body?.["error"] === "string" ? `: ${body["error"]}` : "";
  return { status, body: body ?? {}, retryAfterMs, reason: `${status}${words}` };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** The error of several addresses tried at once has no message of its own. */
function reasonOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  return `no answer (${messageOf(inner)})`;
}
