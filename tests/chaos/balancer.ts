import { pause } from "../kill/http-caller.ts";

interface Place {
  port: number;
  isHealthy: boolean;
}

const checkEveryMs = 500;
const patienceMs = 1000;

/** Leads each new connection to the next engine that answered the last question whether it is there. */
export class Balancer {
  readonly #places = new Map<number, Place>();
  #next = 0;
  #isOver = false;

  /** An engine listens, maybe in the place of one of before. */
  put(number: number, port: number): void {
    this.#places.set(number, { port, isHealthy: true });
  }

  /** The port of one; while none answers, of any. */
  pick(): number | null {
    const all = [...this.#places.values()];
    const healthy = all.filter(({ isHealthy }) => isHealthy);
    const from = healthy.length > 0 ? healthy : all;
    this.#next += 1;
    return from[this.#next % from.length]?.port ?? null;
  }

  async watch(): Promise<void> {
    while (!this.#isOver) {
      await Promise.all([...this.#places.values()].map((place) => this.#check(place)));
      await pause(checkEveryMs);
    }
  }
  end(): void {
    this.#isOver = true;
  }

  /** Any answer will do: an engine without its store still holds what is asked of it. */
  async #check(place: Place): Promise<void> {
    try {
      const signal = AbortSignal.timeout(patienceMs);
      const answer = await fetch(`http://127.0.0.1:${place.port}/_public/ready`, { signal });
      await answer.text();
      place.isHealthy = true;
    } catch {
      place.isHealthy = false;
    }
  }
}
