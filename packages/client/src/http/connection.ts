import { Pool } from "undici";
import type { RawAnswer } from "#http/read-answer";

/** One try of a request. */
export interface Try {
  method: "GET" | "POST";
  /** With its query. */
  path: string;
  body: string | null;
  idempotencyKey: string | null;
  /** How long the engine is asked to hold the answer, in milliseconds. */
  holdMs: number;
  signal: AbortSignal | undefined;
}

/** Connections for calls that are answered at once, and for those that the engine holds: the former never wait for the latter. */
const quickConnections = 64;
const heldConnections = 1024;

/** The connections to one engine. */
export class Connection {
  readonly #basePath: string;
  readonly #token: string;
  readonly #timeoutMs: number;
  readonly #quick: Pool;
  readonly #held: Pool;
  #closing: Promise<unknown> | undefined;

  /** `timeoutMs`: the longest silence of the engine beyond what it was asked to hold. */
  constructor(url: URL, token: string, timeoutMs: number) {
    this.#basePath = url.pathname.replace(/\/+$/, "");
    this.#token = token;
    this.#timeoutMs = timeoutMs;
    const connect = { timeout: timeoutMs };
    this.#quick = new Pool(url.origin, { connections: quickConnections, connect });
    this.#held = new Pool(url.origin, { connections: heldConnections, connect });
  }

  /** Rejects, with undici's error, if no whole answer came. */
  async send({ method, path, body, idempotencyKey, holdMs, signal }: Try): Promise<RawAnswer> {
    const pool = holdMs > 0 ? this.#held : this.#quick;
    const headers: Record<string, string> = { "x-client-token": this.#token };
    if (body !== null) headers["content-type"] = "application/json";
    if (idempotencyKey !== null) headers["idempotency-key"] = idempotencyKey;
    const answer = await pool.request({
      method,
      path: this.#basePath + path,
      headers,
      body,
      headersTimeout: this.#timeoutMs + holdMs,
      bodyTimeout: this.#timeoutMs,
      signal: signal ?? null,
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }

  /** Lets the calls under way end, and refuses further ones; as often as one likes. */
  async close(): Promise<void> {
    this.#closing ??= Promise.all([this.#quick.close(), this.#held.close()]);
    await this.#closing;
  }
}
