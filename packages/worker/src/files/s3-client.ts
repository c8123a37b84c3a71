import type { S3mini } from "s3mini";
import { Agent, request } from "undici";
import type { S3Settings } from "#files/s3-options";

type S3Module = typeof import("s3mini");

const connectMs = 10_000;
/** The longest silence of a store. */
const silenceMs = 60_000;
const bodiless = new Set([204, 205, 304]);

/** Makes clients of one store's buckets. They share connections. */
export class S3Clients {
  readonly #settings: S3Settings;
  readonly #module: S3Module;
  readonly #agent: Agent;

  private constructor(settings: S3Settings, module: S3Module) {
    this.#settings = settings;
    this.#module = module;
    this.#agent = new Agent({
      connections: settings.maxTransfers,
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      connect: { timeout: connectMs },
    });
  }

  /** Rejects, with what to install, if the library isn't there. */
  static async load(settings: S3Settings): Promise<S3Clients> {
    return new S3Clients(settings, await loadModule());
  }

  /** A client of one bucket whose requests end when `signal` aborts. */
  of(bucket: string, signal: AbortSignal): S3mini {
    const { endpoint, accessKey, secretKey, region } = this.#settings;
    return new this.#module.S3mini({
      endpoint: `${endpoint.origin}${endpoint.pathname.replace(/\/+$/, "")}/${bucket}`,
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      region,
      fetch: (input, init) => this.#fetch(String(input), init ?? {}, signal),
    });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** Unlike the global one it hands on what is stored, byte by byte: that one unpacks objects that are stored compressed. */
  async #fetch(url: string, { method, headers, body }: RequestInit, signal: AbortSignal): Promise<Response> {
    const answer = await request(url, {
      method: (method ?? "GET") as "GET",
      headers: headers as Record<string, string>,
      body: (body ?? null) as Buffer | string | null,
      dispatcher: this.#agent,
      signal,
    });
    const got = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) got.set(name, String(value));
    const status = answer.statusCode;
    if (status === 200 && method === "GET") {
      return new Response(ReadableStream.from<Uint8Array>(answer.body), { status, headers: got });
    }
    // Anything else is short, and read to its end whether somebody wants it or not, so that the connection is free.
    const text = await answer.body.text();
    return new Response(bodiless.has(status) ? null : text, { status, headers: got });
  }
}

async function loadModule(): Promise<S3Module> {
  try {
    return await import("s3mini");
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new Error("s3: moving files to and from a store needs a package that isn't there: npm install s3mini", {
      cause,
    });
  }
}
