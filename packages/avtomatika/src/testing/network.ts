import type { Engine } from "#engine/engine";
import type { Process } from "#testing/process";
import type { Random } from "#testing/random";
import type { FaultCounter, StoreSwitch } from "#testing/simulated-store";
import type { VirtualTime } from "#testing/virtual-time";

/** One engine process, as the others see it. */
export interface Host {
  process: Process;
  engine: Engine;
  /** Told when the process dies: whoever waits for its answer gets an error. */
  onDeath: Set<() => void>;
}

/** Request or answer were lost: whether it was applied is not known. */
export class ConnectionError extends Error {}

/** What carries requests to engines: late, doubled, or never; the answers likewise. */
export class Network {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #state: StoreSwitch;
  readonly #tally: FaultCounter;
  readonly #hosts: () => readonly Host[];
  inFlight = 0;

  constructor(
    time: VirtualTime,
    random: Random,
    state: StoreSwitch,
    tally: FaultCounter,
    hosts: () => readonly Host[],
  ) {
    this.#time = time;
    this.#random = random;
    this.#state = state;
    this.#tally = tally;
    this.#hosts = hosts;
  }

  /**
   * A request from a process to some engine. Rejects with `ConnectionError` when request or answer are lost;
   * `isAnswerSure`: an answer that was given arrives.
   */
  request<T>(from: Process, call: (engine: Engine, host: Host) => Promise<T>, isAnswerSure = false): Promise<T> {
    const random = this.#random;
    const { rates } = this.#state;
    const host = random.pick(this.#hosts());
    return new Promise<T>((resolve, reject) => {
      const fail = (): void =>
        void this.#time.after(random.int(5, 2000), () => from.enter(() => reject(new ConnectionError())));
      const lost = random.chance(rates.messageLost);
      const answerLost = random.chance(rates.messageLost) && !isAnswerSure;
      if (lost || answerLost) this.#tally.add("fault message lost");
      if (lost) return fail();
      const doubled = random.chance(rates.messageDoubled);
      if (doubled) this.#tally.add("fault message doubled");
      const hostDied = (): void => fail();
      host.onDeath.add(hostDied);
      this.#travel(() => {
        // Nobody listens there.
        if (!host.process.alive) return fail();
        host.process.enter(() => {
          // A copy of the message that went another way; nobody waits for its answer.
          if (doubled) this.#travel(() => host.process.enter(() => void call(host.engine, host).catch(() => {})));
          call(host.engine, host).then(
            (answer) => {
              host.onDeath.delete(hostDied);
              if (answerLost) return fail();
              this.#travel(() => from.enter(() => resolve(answer)));
            },
            (error: unknown) => {
              host.onDeath.delete(hostDied);
              this.#travel(() => from.enter(() => reject(error as Error)));
            },
          );
        });
      });
    });
  }

  #travel(arrive: () => void): void {
    const late = this.#random.chance(this.#state.rates.messageLate);
    if (late) this.#tally.add("fault message late");
    this.inFlight += 1;
    this.#time.after(this.#random.next() * (late ? 8000 : 5 * this.#state.pace), () => {
      this.inFlight -= 1;
      arrive();
    });
  }
}
