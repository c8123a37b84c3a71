import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { StoreDump } from "avtomatika/internal/storage/testkit/dump";
import { RedisStorage } from "avtomatika/redis";
import { type RedisServer, startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { HttpCaller } from "../kill/http-caller.ts";
import type { JobBodies } from "../kill/killed-store.ts";
import type { News, Order, Setup } from "../kill/messages.ts";
import { TestProcess } from "../kill/processes.ts";
import type { Verdict } from "../kill/verdict.ts";
import { Random } from "../simulate/random.ts";
import { Network } from "../storm/network.ts";
import { Balancer } from "./balancer.ts";
import { Disturbances } from "./disturbances.ts";
import { Member } from "./member.ts";
import { natureOf, workerCount } from "./natures.ts";
import { readViews } from "./read-views.ts";
import { StallWatch } from "./stall-watch.ts";
import { storeAway } from "./times.ts";

const engineCount = 3;
/** For how long everything may take to come to its end once nothing is disturbed any more. */
const restMs = 90_000;
/** Processes of one place get seeds of their own. */
const seedsApart = 1_000_003;

/** What was left when everything had come to rest. */
export interface Remains {
  dump: StoreDump;
  bodies: Map<string, JobBodies>;
}

/** Engines over one Redis, workers, a client, the networks between them all, and what disturbs them. */
export class Chaos {
  readonly disturbances: Disturbances;
  readonly stalls: StallWatch;
  readonly #setup: Omit<Setup, "number" | "calm">;
  readonly #verdict: Verdict;
  readonly #redis: RedisServer;
  readonly #balancer = new Balancer();
  readonly #engines: readonly Member[];
  readonly #workers: readonly Member[];
  readonly #networks: readonly Network[];
  readonly #addresses = new Map<number, string>();
  readonly #client: Member;
  readonly #killRedis = (): void => {
    try {
      process.kill(this.#redis.pid(), "SIGKILL");
    } catch {
      // It was away just then.
    }
  };
  #engineProcesses = 0;
  #hearClient: (news: News) => void = () => {};

  private constructor(
    setup: Omit<Setup, "number" | "calm">,
    verdict: Verdict,
    redis: RedisServer,
    lines: Wired[],
    calls: Wired[],
    times: number,
  ) {
    this.#setup = setup;
    this.#verdict = verdict;
    this.#redis = redis;
    process.on("exit", this.#killRedis);
    for (const { network } of lines) network.pick = () => redis.port;
    for (const { network } of calls) network.pick = () => this.#balancer.pick();
    this.#networks = [...lines, ...calls].map(({ network }) => network);
    this.#engines = lines.map((line, number) => this.#engine(number, line.port));
    this.#workers = calls.slice(0, workerCount).map((call, number) => this.#worker(number, call.port));
    this.#client = this.#clientAt((calls.at(-1) as Wired).port);
    this.disturbances = new Disturbances(
      {
        engines: this.#engines,
        workers: this.#workers,
        redis,
        lines: lines.map(({ network }) => network),
        calls: calls.map(({ network }) => network),
      },
      times,
      new Random(setup.seed),
      (kind) => appendFileSync(join(setup.folder, "disturbances.log"), `${new Date().toISOString()} ${kind}\n`),
    );
    this.stalls = new StallWatch(redis.url, verdict.tally);
  }

  /** `times`: how often each kind of disturbance occurs. */
  static async prepare(setup: Omit<Setup, "number" | "calm">, verdict: Verdict, times: number): Promise<Chaos> {
    const redis = await startRedis(["--appendonly", "yes", "--appendfsync", "always"]);
    const lines = await Promise.all(Array.from({ length: engineCount }, wire));
    const calls = await Promise.all(Array.from({ length: workerCount + 1 }, wire));
    return new Chaos(setup, verdict, redis, lines, calls, times);
  }

  /** Rejects if something ends that should not, or doesn't end that should. */
  async run(ms: number): Promise<Remains> {
    await Promise.all(this.#engines.map((engine) => engine.start()));
    const watched = [this.#balancer.watch(), this.stalls.run()];
    for (const worker of this.#workers) await worker.start();
    const opened = this.#news(({ kind }) => kind === "open", "the client didn't start");
    void this.#client.start();
    await opened;
    await this.disturbances.run(ms);
    // What is left then says more than that it is.
    await this.#comeToRest().catch((error: Error) => this.#verdict.report("other", error.message));
    this.stalls.end();
    const bodies = await this.#readJobs();
    const ends = await within("not every engine stopped", Promise.all(this.#engines.map((one) => one.end("SIGTERM"))));
    for (const { code, signal } of ends) if (code !== 0) throw new Error(`an engine stopped with ${code ?? signal}`);
    await within("not every worker stopped", Promise.all(this.#workers.map((one) => one.end({ kind: "end" }))));
    this.#balancer.end();
    await Promise.all(watched);
    for (const network of this.#networks) network.close();
    const dump = await this.#dump();
    return { dump, bodies };
  }

  /** Processes that killed themselves. */
  get crashes(): number {
    return this.#workers.reduce((sum, { ownEnds }) => sum + ownEnds, 0);
  }

  /** Ends what may still run of it: the processes end with this one. */
  async close(): Promise<void> {
    process.off("exit", this.#killRedis);
    await this.#redis.stop();
  }

  async #comeToRest(): Promise<void> {
    this.#tell({ kind: "calm" });
    let quiet = 0;
    const isQuiet = (news: News): boolean => {
      if (news.kind !== "open") return false;
      quiet = news.jobs === 0 && news.quarantined === 0 ? quiet + 1 : 0;
      return quiet >= 10;
    };
    await this.#news(isQuiet, "not everything came to rest");
    this.#client.order({ kind: "end" });
    await this.#news(({ kind }) => kind === "done", "the client didn't end");
  }

  /** By the routes that a client has. */
  async #readJobs(): Promise<Map<string, JobBodies>> {
    const storage = new RedisStorage(this.#redis.url);
    await storage.open();
    const http = new HttpCaller({ "x-client-token": this.#setup.clientToken }, this.#setup.load.patienceMs);
    http.url = this.#addresses.get(0) as string;
    const bodies = await readViews(storage, http, this.#verdict);
    await storage.close();
    return bodies;
  }

  async #dump(): Promise<StoreDump> {
    const storage = new RedisStorage(this.#redis.url);
    await storage.open();
    const dump = await storage.inspect();
    await storage.close();
    return dump;
  }

  #tell(order: Order): void {
    for (const one of [...this.#engines, ...this.#workers, this.#client]) one.order(order);
  }

  #engine(place: number, port: number): Member {
    return this.#member({
      name: `engine ${place}`,
      spawn: () => {
        const own = { number: this.#engineProcesses++, address: `redis://127.0.0.1:${port}` };
        return new TestProcess("chaos-engine", { ...this.#setup, ...own, calm: false });
      },
      onNews: (news) => {
        if (news.kind !== "listens") return;
        this.#addresses.set(place, news.url);
        this.#balancer.put(place, Number(new URL(news.url).port));
      },
      // Its Redis may be away when it starts; whoever runs it starts it again.
      mayEnd: ({ code }) => code === storeAway,
    });
  }

  #worker(number: number, port: number): Member {
    const nature = natureOf(number);
    return this.#member({
      name: `worker ${number}`,
      spawn: (life) => {
        const own = { number, url: `http://127.0.0.1:${port}`, seed: this.#setup.seed + life * seedsApart };
        return new TestProcess(nature === "raw" ? "worker" : "sdk-worker", { ...this.#setup, ...own, calm: false });
      },
      onNews: null,
      mayEnd: ({ signal }) => nature === "crashing" && signal === "SIGKILL",
    });
  }

  #clientAt(port: number): Member {
    return this.#member({
      name: "client",
      spawn: () =>
        new TestProcess("client", { ...this.#setup, number: 0, calm: false, url: `http://127.0.0.1:${port}` }),
      onNews: (news) => this.#hearClient(news),
      mayEnd: () => false,
    });
  }

  #member(options: Omit<ConstructorParameters<typeof Member>[0], "onFault">): Member {
    return new Member({ ...options, onFault: (text) => this.#verdict.report("other", text) });
  }

  /** Resolves with the first news of the client that fit. */
  #news(fits: (news: News) => boolean, otherwise: string): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#hearClient = (news) => {
        if (fits(news)) resolve();
      };
    });
    return within(otherwise, heard);
  }
}

interface Wired {
  network: Network;
  port: number;
}

async function wire(): Promise<Wired> {
  const network = new Network();
  return { network, port: Number(new URL(await network.listen()).port) };
}

async function within<T>(otherwise: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} within ${restMs} ms`)), restMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
