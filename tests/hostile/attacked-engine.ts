import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AttackedRedis } from "./attacked-redis.ts";
import type { Listening, Measured } from "./engine-process.ts";

export const tokens = { client: "client-secret-of-the-attack", worker: "worker-secret-of-the-attack" };

/** An engine in a process of its own, with a SQLite file in a folder of its own or a Redis of its own. */
export class AttackedEngine {
  readonly port: number;
  readonly routes: readonly string[];
  /** Where its files and its server are: no answer may name them. */
  readonly hidden: readonly string[];
  readonly redis: AttackedRedis | null;
  readonly #folder: string;
  readonly #child: ChildProcess;
  #log = "";

  private constructor(child: ChildProcess, folder: string, redis: AttackedRedis | null, { port, routes }: Listening) {
    this.#child = child;
    this.#folder = folder;
    this.redis = redis;
    this.hidden = redis === null ? [folder] : [folder, redis.server.url.replace("redis://", "")];
    this.port = port;
    this.routes = routes;
    child.stderr?.on("data", (chunk: string) => {
      this.#log += chunk;
    });
  }

  static async start(storage: "sqlite" | "redis"): Promise<AttackedEngine> {
    const redis = storage === "redis" ? await AttackedRedis.start() : null;
    const folder = await mkdtemp(join(tmpdir(), "avtomatika-hostile-"));
    const child = fork(
      join(import.meta.dirname, "engine-process.ts"),
      [folder, redis?.server.url ?? "", tokens.client, tokens.worker],
      {
        execArgv: ["--expose-gc"],
        stdio: ["ignore", "inherit", "pipe", "ipc"],
        // What is freed goes back to the system, so that resident memory tells what is held.
        env: {
          ...process.env,
          MALLOC_ARENA_MAX: "1",
          MALLOC_MMAP_THRESHOLD_: "65536",
          MALLOC_TRIM_THRESHOLD_: "65536",
        },
      },
    );
    process.once("exit", () => child.kill("SIGKILL"));
    child.stderr?.setEncoding("utf8");
    const [listening] = (await once(child, "message")) as [Listening];
    return new AttackedEngine(child, folder, redis, listening);
  }

  /** Everything that it logged up to now. */
  get log(): string {
    return this.#log;
  }
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async measure(): Promise<Measured> {
    this.#child.send("measure");
    const [measured] = (await once(this.#child, "message")) as [Measured];
    return measured;
  }

  async stop(): Promise<number | null> {
    if (this.isAlive) {
      this.#child.send("stop");
      await once(this.#child, "exit");
    }
    await rm(this.#folder, { recursive: true, force: true });
    return this.#child.exitCode;
  }
}
