import { Agent, type IncomingMessage, request } from "node:http";
import type { Answer, Attack } from "./attack.ts";

/** How long an answer may take. */
const patienceMs = 20_000;

/** Sends requests as they are: no path is tidied up, and headers may be strange. */
export class Connection {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(port: number) {
    this.#port = port;
  }

  /** The answer; null if the connection was cut. */
  send({ method, path, headers, body }: Pick<Attack, "method" | "path" | "headers" | "body">): Promise<Answer | null> {
    return new Promise((resolve, reject) => {
      const length = body === null ? {} : { "content-length": Buffer.byteLength(body) };
      const outgoing = request(
        { host: "127.0.0.1", port: this.#port, agent: this.#agent, method, path, headers: { ...headers, ...length } },
        (incoming) => void read(incoming).then(resolve, () => resolve(null)),
      );
      outgoing.setTimeout(patienceMs, () => reject(new Error(`no answer within ${patienceMs} ms`)));
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ECONNRESET" || error.code === "EPIPE") resolve(null);
        else reject(error);
      });
      outgoing.end(body ?? undefined);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function read(incoming: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.rawHeaders.join("\n"),
    contentType: incoming.headers["content-type"] ?? "",
    link: (incoming.headers.link as string | undefined) ?? null,
    text: Buffer.concat(chunks).toString(),
  };
}
