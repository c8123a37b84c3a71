import { AvtomatikaError } from "#core/errors";
import type { Bell, Storage } from "#storage/storage";
import type { Process } from "#testing/process";
import type { Random } from "#testing/random";
import type { VirtualTime } from "#testing/virtual-time";

/** How likely each fault is; 0 for a calm seed. */
export interface FaultRates {
  notApplied: number;
  replyLost: number;
  twice: number;
  bellLost: number;
  bellDoubled: number;
  bellLate: number;
  messageLost: number;
  messageDoubled: number;
  messageLate: number;
  handOverLost: number;
}

/** No faults at all. */
export const noFaults: FaultRates = {
  notApplied: 0,
  replyLost: 0,
  twice: 0,
  bellLost: 0,
  bellDoubled: 0,
  bellLate: 0,
  messageLost: 0,
  messageDoubled: 0,
  messageLate: 0,
  handOverLost: 0,
};

/** Counts what went wrong on purpose. */
export interface FaultCounter {
  add(name: string): void;
}

export interface StoreSwitch {
  /** While true every call fails. */
  away: boolean;
  rates: FaultRates;
  /** 1: calls and messages take a few milliseconds; 0: no time at all. */
  pace: number;
  inFlight: number;
}

type Method = (input: unknown) => Promise<{ now: number }>;

/**
 * One engine's way to the store: calls and replies take time, may be lost or doubled, and reach nobody once the
 * engine is dead. The calls themselves are applied to the one real store, and `onApplied` looks at it after each.
 */
export function simulatedStore(
  base: Storage,
  process: Process,
  time: VirtualTime,
  random: Random,
  state: StoreSwitch,
  tally: FaultCounter,
  onApplied: (method: string, input: unknown, reply: { now: number }) => void,
): Storage {
  async function apply(method: string, input: unknown): Promise<{ now: number }> {
    const reply = await (base[method as keyof Storage] as unknown as Method).call(base, input);
    onApplied(method, input, reply);
    return reply;
  }

  function call(method: string, input: unknown): Promise<unknown> {
    // What a handler does after its engine died was never done.
    if (!process.alive) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      const { rates } = state;
      const away = (): void =>
        process.enter(() => reject(new AvtomatikaError("store_unavailable", "simulated outage")));
      const notApplied = state.away || random.chance(rates.notApplied);
      const twice = random.chance(rates.twice);
      const replyLost = random.chance(rates.replyLost);
      state.inFlight += 1;
      time.after(random.next() * 2 * state.pace, () => {
        if (notApplied) {
          tally.add(state.away ? "fault store away" : "fault call not applied");
          state.inFlight -= 1;
          return away();
        }
        if (twice) tally.add("fault applied twice");
        const applied = twice ? apply(method, input).then(() => apply(method, input)) : apply(method, input);
        applied.then(
          (reply) => {
            time.after(random.next() * 2 * state.pace, () => {
              state.inFlight -= 1;
              if (!replyLost) return process.enter(() => resolve(reply));
              tally.add("fault reply lost");
              away();
            });
          },
          (error: unknown) => {
            state.inFlight -= 1;
            reject(error as Error);
          },
        );
      });
    });
  }

  function listen(listener: (bell: Bell) => void): () => void {
    return base.listen((bell) => {
      const { rates } = state;
      if (random.chance(rates.bellLost)) return tally.add("fault bell lost");
      const doubled = random.chance(rates.bellDoubled);
      if (doubled) tally.add("fault bell doubled");
      const late = random.chance(rates.bellLate);
      if (late) tally.add("fault bell late");
      for (let copy = doubled ? 2 : 1; copy > 0; copy--) {
        state.inFlight += 1;
        time.after(random.next() * (late ? 3000 : 3 * state.pace), () => {
          state.inFlight -= 1;
          process.enter(() => listener(bell));
        });
      }
    });
  }

  return new Proxy(base, {
    get(target, name) {
      if (name === "listen") return listen;
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function" || name === "open" || name === "close") return value;
      return (input: unknown) => call(String(name), input);
    },
  });
}
