// A store of files in this process: the real protocol on a free port, with faults that a test asks for.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3Options } from "@avtomatika/worker";
import { S3mini } from "s3mini";
import S3rver from "s3rver";
import { afterEach } from "vitest";

/** What becomes of a request: a status without a body, a closed socket, silence, or (undefined) what the store says. */
export type Fault = number | "cut" | "silence" | undefined;

const credentials = { accessKey: "S3RVER", secretKey: "S3RVER" };
const started: ObjectServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.remove();
});

export class ObjectServer {
  /** `METHOD /bucket/key?query`, in their order. */
  readonly requests: string[] = [];
  /** The most requests that were under way at a time. */
  mostAtOnce = 0;
  fault: (request: IncomingMessage) => Fault | Promise<Fault> = () => undefined;
  readonly folder = mkdtempSync(join(tmpdir(), "avtomatika-objects-"));
  readonly #s3 = new S3rver({
    directory: join(this.folder, "store"),
    silent: true,
    configureBuckets: [
      { name: "inputs", configs: [] },
      { name: "outputs", configs: [] },
    ],
  });
  #server: Server | undefined;
  #port = 0;
  #open = 0;

  async start(): Promise<this> {
    await this.#s3.configureBuckets();
    await this.comeBack();
    return this;
  }

  get options(): S3Options {
    return { ...credentials, endpointUrl: `http://127.0.0.1:${this.#port}`, defaultBucket: "outputs" };
  }

  /** For tasks' folders. */
  get tasks(): string {
    return join(this.folder, "tasks");
  }

  bucket(name: string): S3mini {
    return new S3mini({
      endpoint: `http://127.0.0.1:${this.#port}/${name}`,
      accessKeyId: credentials.accessKey,
      secretAccessKey: credentials.secretKey,
      region: "us-east-1",
    });
  }

  async put(key: string, data: string | Uint8Array): Promise<void> {
    await this.bucket("inputs").putObject(key, data);
  }

  /** The text of `s3://bucket/key`. */
  async get(address: string): Promise<string | null> {
    const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(address) ?? [];
    return this.bucket(bucket).getObject(key);
  }

  async keys(bucket: string): Promise<string[]> {
    return ((await this.bucket(bucket).listObjects("/", "")) ?? []).map(({ Key }) => Key);
  }

  /** The port refuses, and what is under way is cut. */
  async goAway(): Promise<void> {
    const closed = this.#server && once(this.#server, "close");
    this.#server?.close();
    this.#server?.closeAllConnections();
    await closed;
  }

  async comeBack(): Promise<void> {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async remove(): Promise<void> {
    if (this.#server?.listening) await this.goAway();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`);
    this.#open += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open);
    response.once("close", () => {
      this.#open -= 1;
    });
    const fault = await this.fault(request);
    if (fault === "cut") request.socket.destroy();
    else if (fault === undefined) this.#s3.callback()(request, response);
    else if (fault !== "silence") response.writeHead(fault).end();
  }
}

/** A store that runs; it is gone after the test. */
export async function objectServer(): Promise<ObjectServer> {
  const server = new ObjectServer();
  started.push(server);
  return server.start();
}
