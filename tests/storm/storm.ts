import { pause } from "../kill/http-caller.ts";
import { Random } from "../simulate/random.ts";
import { Tally } from "../simulate/tally.ts";
import { Load } from "./load.ts";
import { Network } from "./network.ts";
import { Program } from "./program.ts";
import type { Setup } from "./setup.ts";
import { faults, Weather } from "./weather.ts";

export interface StormOptions {
  kills: number;
  workers: number;
  seed: number;
  folder: string;
  clientToken: string;
  workerToken: string;
}

/** How long everything may take to come to its end once the weather is fine. Dead connections are noticed after 30 s. */
const patienceMs = 120_000;

/** Workers and a client that use the SDKs, an engine that is killed again and again, and bad networks between them. */
export class Storm {
  readonly tally = new Tally([...faults, "tasks in turn", "fan-out"]);
  readonly load: Load;
  readonly weather: Weather;
  readonly networks: readonly Network[];
  readonly #options: StormOptions;
  readonly #random: Random;
  readonly #clientNetwork: Network;
  readonly #urls: readonly string[];
  kills = 0;

  private constructor(options: StormOptions, networks: Network[], clientNetwork: Network, urls: string[]) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.networks = networks;
    this.#clientNetwork = clientNetwork;
    this.#urls = urls;
    const [clientUrl = ""] = urls.slice(-1);
    this.load = new Load(clientUrl, options.clientToken, new Random(options.seed + 1), this.tally);
    this.weather = new Weather([...networks, clientNetwork], new Random(options.seed + 2), this.tally);
  }

  static async prepare(options: StormOptions): Promise<Storm> {
    const networks = Array.from({ length: options.workers + 1 }, () => new Network());
    const urls = await Promise.all(networks.map((network) => network.listen()));
    return new Storm(options, networks.slice(0, -1), networks.at(-1) as Network, urls);
  }

  /** Rejects if something ends that should not, or doesn't end that should. */
  async run(): Promise<void> {
    const { kills, workers } = this.#options;
    const programs = Array.from({ length: workers }, (_, number) => new Program("worker", this.#setup(number)));
    const died = Promise.race(
      programs.map(({ exited }, number) =>
        exited.then(({ code, signal }) => {
          throw new Error(`worker ${number} ended with ${code ?? signal}`);
        }),
      ),
    );
    died.catch(() => {});
    const loaded = this.load.run(workers);
    const blown = this.weather.blow();
    while (this.kills < kills) {
      const engine = await Promise.race([this.#startEngine(), died]);
      await Promise.race([pause(this.#random.int(300, 3000)), died, loaded]);
      engine.signal("SIGKILL");
      await engine.exited;
      this.#aim(null);
      this.kills += 1;
    }
    const engine = await this.#startEngine();
    this.weather.end();
    await blown;
    this.load.end();
    await within("jobs didn't end", Promise.race([loaded, died]));
    for (const program of programs) program.stop();
    const ends = await within("workers didn't stop", Promise.all(programs.map(({ exited }) => exited)));
    const bad = ends.find(({ code }) => code !== 0);
    if (bad !== undefined) throw new Error(`a worker stopped with ${bad.code ?? bad.signal}`);
    engine.signal("SIGTERM");
    const { code, signal } = await within("the engine didn't stop", engine.exited);
    if (code !== 0) throw new Error(`the engine stopped with ${code ?? signal}`);
    for (const network of [...this.networks, this.#clientNetwork]) network.close();
  }

  async #startEngine(): Promise<Program> {
    const engine = new Program("engine", this.#setup(0));
    this.#aim((await within("the engine didn't start", engine.says())) as number);
    return engine;
  }

  #aim(port: number | null): void {
    for (const network of [...this.networks, this.#clientNetwork]) network.target = port;
  }

  #setup(number: number): Setup {
    const { folder, clientToken, workerToken } = this.#options;
    return { folder, clientToken, workerToken, number, url: this.#urls[number] as string };
  }
}

async function within<T>(otherwise: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} within ${patienceMs} ms`)), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
