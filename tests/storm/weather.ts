import { pause } from "../kill/http-caller.ts";
import type { Random } from "../simulate/random.ts";
import type { Tally } from "../simulate/tally.ts";
import type { Deaf, Network } from "./network.ts";

/** What may happen to a network; each has to occur. */
export const faults = ["cut", "away", "no polls", "slow", "half-open", "half-open for good"] as const;

const directions: readonly Deaf[] = ["requests", "answers", "answers", "both"];

/** Bad weather over the networks of all workers, until it is told to end. */
export class Weather {
  readonly #networks: readonly Network[];
  readonly #random: Random;
  readonly #tally: Tally;
  #isOver = false;
  #blows: Promise<void>[] = [];
  /** Connections that died by it. */
  cuts = 0;

  constructor(networks: readonly Network[], random: Random, tally: Tally) {
    this.#networks = networks;
    this.#random = random;
    this.#tally = tally;
  }

  /** One fault after the other, some of them at once. */
  async blow(): Promise<void> {
    while (!this.#isOver) {
      this.#blows.push(this.#strike(this.#random.pick(this.#networks)));
      await pause(this.#random.int(50, 4000 / this.#networks.length));
    }
    await Promise.all(this.#blows);
  }

  end(): void {
    this.#isOver = true;
  }

  async #strike(network: Network): Promise<void> {
    const random = this.#random;
    const draw = random.next();
    if (draw < 0.35) return this.#count("cut", network.cutAll());
    if (draw < 0.5) {
      network.isCut = true;
      this.#count("away", network.cutAll());
      await pause(random.int(200, 2500));
      network.isCut = false;
    } else if (draw < 0.6) {
      network.cutsPolls = true;
      this.#count("no polls", network.cutAll());
      await pause(random.int(500, 2500));
      network.cutsPolls = false;
    } else if (draw < 0.75) {
      network.delayMs = random.int(20, 400);
      this.#tally.add("slow");
      await pause(random.int(300, 1500));
      network.delayMs = 0;
    } else if (draw < 0.95) {
      network.deaf = random.pick(directions);
      this.#count("half-open", network.deafen(network.deaf));
      await pause(random.int(200, 3000));
      network.deaf = null;
      network.cutAll();
    } else {
      // The worker has to find out by itself.
      this.#count("half-open for good", network.deafen(random.pick(directions)));
    }
  }

  #count(fault: (typeof faults)[number], connections: number): void {
    if (connections === 0) return;
    this.cuts += connections;
    this.#tally.add(fault);
  }
}
