import { Agent, request } from "node:http";

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what is read of it is what is checked
  body: any;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
}

/** Calls an engine that comes and goes, at another address each time. */
export class HttpCaller {
  /** Null while there is none. */
  url: string | null = null;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #headers: Record<string, string>;
  readonly #patienceMs: number;

  /** `patienceMs` is longer than any request is held. */
  constructor(headers: Record<string, string>, patienceMs: number) {
    this.#headers = headers;
    this.#patienceMs = patienceMs;
  }

  /** One try; rejects if no answer came. */
  call(method: string, path: string, { body, headers }: CallOptions = {}): Promise<Answer> {
    const { url } = this;
    if (url === null) return Promise.reject(new Error("no engine runs"));
    const sent = body === undefined ? null : JSON.stringify(body);
    const type: Record<string, string> = sent === null ? {} : { "content-type": "application/json" };
    const all = { ...this.#headers, ...headers, ...type, "content-length": String(Buffer.byteLength(sent ?? "")) };
    return new Promise((resolve, reject) => {
      const outgoing = request(url + path, { method, agent: this.#agent, headers: all, timeout: this.#patienceMs });
      outgoing.on("error", reject);
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${path}: no answer`)));
      outgoing.on("response", (incoming) => {
        const parts: Buffer[] = [];
        incoming.on("data", (part: Buffer) => parts.push(part));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const text = Buffer.concat(parts).toString("utf8");
          resolve({ status: incoming.statusCode as number, body: text === "" ? null : JSON.parse(text) });
        });
      });
      outgoing.end(sent);
    });
  }

  /** One try; null if no answer came, or one that says to come again. */
  async attempt(method: string, path: string, options?: CallOptions): Promise<Answer | null> {
    try {
      const answer = await this.call(method, path, options);
      return answer.status >= 500 || answer.status === 401 ? null : answer;
    } catch {
      return null;
    }
  }

  /** Until there is an answer. */
  async insist(method: string, path: string, options?: CallOptions): Promise<Answer> {
    for (;;) {
      const answer = await this.attempt(method, path, options);
      if (answer !== null) return answer;
      await pause(40);
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
