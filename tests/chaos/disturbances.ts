import type { RedisServer } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { pause } from "../kill/http-caller.ts";
import type { Random } from "../simulate/random.ts";
import type { Deaf, Network } from "../storm/network.ts";
import type { Member } from "./member.ts";
import { engineStopMs, workerStopMs } from "./times.ts";

/** Each has to occur. A line is the network between an engine and Redis, a call one between a worker or client and an engine. */
export const kinds = [
  ...(["engine killed", "engine stopped", "worker killed", "worker stopped", "Redis killed"] as const),
  ...(["line cut", "line late", "line half-open", "call cut", "call late", "call half-open"] as const),
];
export type Kind = (typeof kinds)[number];

export interface Disturbed {
  engines: readonly Member[];
  workers: readonly Member[];
  redis: RedisServer;
  /** Between each engine and Redis. */
  lines: readonly Network[];
  /** Between each worker or client and the engines. */
  calls: readonly Network[];
}

const directions: readonly Deaf[] = ["requests", "answers", "answers", "both"];

/** Does one disturbance after the other, some of them at once, until each kind was done so often. */
export class Disturbances {
  readonly counts = new Map<Kind, number>(kinds.map((kind) => [kind, 0]));
  readonly #on: Disturbed;
  readonly #random: Random;
  readonly #note: (kind: Kind) => void;
  readonly #deck: Kind[];
  #isRedisAway = false;
  #lastAt = 0;
  /** Between the beginnings of two, in milliseconds. */
  longestGapMs = 0;

  /** `note` is told of each when it begins. */
  constructor(on: Disturbed, times: number, random: Random, note: (kind: Kind) => void) {
    this.#on = on;
    this.#note = note;
    this.#random = random;
    this.#deck = shuffled(
      kinds.flatMap((kind) => Array.from({ length: times }, () => kind)),
      random,
    );
  }

  /** In about `ms`; resolves when all have ended and everything is up again. */
  async run(ms: number): Promise<void> {
    const begun = performance.now();
    const all = this.#deck.length;
    const running = new Set<Promise<void>>();
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => {});
    this.#lastAt = begun;
    for (let done = 0; done < all; done++) {
      // Never much longer apart than on the average.
      const at = begun + ((done + this.#random.next() / 2) * ms) / all;
      await Promise.race([pause(Math.max(0, at - performance.now())), failed.promise]);
      const act = await Promise.race([this.#next(), failed.promise]);
      const now = performance.now();
      this.longestGapMs = Math.max(this.longestGapMs, now - this.#lastAt);
      this.#lastAt = now;
      const one = act().catch(failed.reject);
      running.add(one);
      void one.finally(() => running.delete(one));
    }
    await Promise.race([Promise.all(running), failed.promise]);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The first of the deck that can be done now. */
  async #next(): Promise<() => Promise<void>> {
    for (;;) {
      for (const [at, kind] of this.#deck.entries()) {
        const act = this.#plan(kind);
        if (act === null) continue;
        this.#deck.splice(at, 1);
        this.#note(kind);
        this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
        return act;
      }
      await pause(50);
    }
  }

  /** Null if nothing is there to be disturbed so. */
  #plan(kind: Kind): (() => Promise<void>) | null {
    const random = this.#random;
    const { engines, workers, lines, calls } = this.#on;
    switch (kind) {
      case "engine killed":
        return this.#hold(engines, 1, (engine) => engine.kill(random.int(0, 1500)));
      case "engine stopped":
        return this.#hold(engines, 1, (engine) => engine.stopFor(random.int(engineStopMs.least, engineStopMs.most)));
      case "worker killed":
        return this.#hold(workers, 2, (worker) => worker.kill(random.int(0, 1500)));
      case "worker stopped":
        return this.#hold(workers, 2, (worker) => worker.stopFor(random.int(workerStopMs.least, workerStopMs.most)));
      case "Redis killed":
        return this.#isRedisAway ? null : () => this.#killRedis();
      case "line cut":
      case "call cut":
        return this.#cut(kind === "line cut" ? lines : calls);
      case "line late":
      case "call late":
        return this.#delay(kind === "line late" ? lines : calls);
      case "line half-open":
        return this.#deafen(lines, { least: 1000, most: 9000 });
      case "call half-open":
        return this.#deafen(calls, { least: 1000, most: 6000 });
    }
  }

  /** One that nobody disturbs, while at least `left` others are well. */
  #hold(members: readonly Member[], left: number, act: (member: Member) => Promise<void>) {
    const free = members.filter(({ isBusy }) => !isBusy);
    if (free.length <= left) return null;
    const member = this.#random.pick(free);
    return async (): Promise<void> => {
      member.isBusy = true;
      await act(member);
      member.isBusy = false;
    };
  }

  async #killRedis(): Promise<void> {
    this.#isRedisAway = true;
    await this.#on.redis.crash();
    await pause(this.#random.int(0, 2500));
    await this.#on.redis.restart();
    this.#isRedisAway = false;
  }

  #cut(networks: readonly Network[]) {
    const network = this.#used(networks);
    return network && (async () => void network.cutAll());
  }

  #delay(networks: readonly Network[]) {
    const network = this.#used(networks);
    if (network === null) return null;
    return async (): Promise<void> => {
      network.delayMs = this.#random.int(30, 600);
      await pause(this.#random.int(500, 4000));
      network.delayMs = 0;
    };
  }

  /** Bytes of one direction vanish, and nobody is told; in the end the connections break, or stay so for good. */
  #deafen(networks: readonly Network[], ms: { least: number; most: number }) {
    const network = this.#used(networks);
    if (network === null) return null;
    return async (): Promise<void> => {
      network.deaf = this.#random.pick(directions);
      network.deafen(network.deaf);
      await pause(this.#random.int(ms.least, ms.most));
      network.deaf = null;
      if (this.#random.chance(0.5)) network.cutAll();
    };
  }

  /** One with connections, that nothing else is wrong with. */
  #used(networks: readonly Network[]): Network | null {
    const used = networks.filter(({ size, deaf, delayMs }) => size > 0 && deaf === null && delayMs === 0);
    return used.length === 0 ? null : this.#random.pick(used);
  }
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(random.int(0, rest.length - 1), 1)[0] as T);
}
