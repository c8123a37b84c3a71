// Engines by the command line over one Redis of a test file, and raw calls to them.
import { Agent, request } from "node:http";
import { afterAll, beforeAll } from "vitest";
import { type RedisServer, startRedis } from "../../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { Folder, type Program } from "../cli/program.ts";

export interface Member {
  name: string;
  url: string;
  program: Program;
  /** Without a farewell; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: what tests look into is what they check
  body: any;
}

const clientToken = "secure-orchestrator-token";
const workerToken = "secure-worker-token";
const agent = new Agent({ keepAlive: true });

/** For one test file: its folder has the blueprints, each test uses a database of its own. */
export class Fleet {
  readonly folder = new Folder();
  #redis: RedisServer | null = null;
  #database = 0;

  constructor(flow: string) {
    this.folder.write("flow.ts", flow);
    beforeAll(async () => {
      this.#redis = await startRedis();
    });
    afterAll(async () => {
      agent.destroy();
      await this.#redis?.stop();
    });
  }

  /** The engines that are started next have a store of their own. */
  newStore(): void {
    this.#database += 1;
  }

  async start(name: string, env: Record<string, string> = {}, module = "flow.ts"): Promise<Member> {
    const program = this.folder.start(["start", module, "--port", "0", "--host", "127.0.0.1"], {
      INSTANCE_ID: name,
      STORAGE_URI: `${this.#redis?.url}/${this.#database}`,
      LOG_LEVEL: "error",
      ...env,
    });
    const url = await program.url;
    const kill = async (): Promise<void> => {
      program.child.kill("SIGKILL");
      await program.end;
    };
    return { name, url, program, kill };
  }

  startAll(names: readonly string[], env: Record<string, string> = {}, module = "flow.ts"): Promise<Member[]> {
    return Promise.all(names.map((name) => this.start(name, env, module)));
  }
}

/** A request as a client. Rejects when the connection breaks. */
export function asClient(member: Member, method: string, path: string, body?: object, token = clientToken) {
  return send(member, method, path, { "x-client-token": token }, body);
}

/** A request as a worker. */
export function asWorker(member: Member, method: string, path: string, body?: object) {
  return send(member, method, `/_worker${path}`, { "x-worker-token": workerToken }, body);
}

/** The job's view once it has ended. */
export async function ended(member: Member, jobId: string): Promise<Answer["body"]> {
  for (;;) {
    const { body } = await asClient(member, "GET", `/api/v1/jobs/${jobId}?wait=30`);
    if (["finished", "failed", "cancelled", "quarantined"].includes(body.status)) return body;
  }
}

function send(
  { url }: Member,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: object,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const call = request(url + path, { method, agent, headers: { ...headers, ...type } }, (response) => {
      let received = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        received += part;
      });
      response.on("error", reject).on("end", () => {
        const { statusCode = 0, headers: own } = response;
        resolve({ status: statusCode, headers: own, body: received === "" ? null : JSON.parse(received) });
      });
    });
    call.on("error", reject).end(text);
  });
}
