import { array, assert as assertProperty, asyncProperty, boolean, constantFrom, integer, record } from "fast-check";
import { describe, expect, test } from "vitest";
import type { RateLimit } from "#core/rate-share";
import { seats } from "#core/rate-share";
import { type Admission, type RateKind, RateLimiter } from "#engine/rate-limiter";
import { StoreCaller } from "#engine/store-caller";
import { StoreClock } from "#engine/store-clock";
import { MemoryStorage } from "#storage/memory/memory-storage";
import { type Fault, faulty } from "#storage/wrap/faulty";
import { Process, simulatedWorld } from "#testing/process";
import { Random } from "#testing/random";
import { VirtualTime } from "#testing/virtual-time";
import { overflow } from "../core/overflow.ts";

const none = { creation: null, client: null, heartbeat: null, unauthenticated: null };

/** One store and the limiters of engines over it, in virtual time. */
class Fleet {
  readonly time = new VirtualTime(1_900_000_000_000);
  readonly limit: RateLimit;
  readonly kind: RateKind;
  /** When calls were let through, by principal. */
  readonly uses = new Map<string, number[]>();
  calls = 0;
  fault: (method: string) => Fault = () => "none";
  /** How long a call is on its way there, and back. */
  delayMs: () => number = () => 1;
  readonly #store = new MemoryStorage({ clock: () => Math.floor(this.time.now()), shards: 3 });
  #engines = 0;

  constructor(limit: RateLimit, kind: RateKind = "client") {
    this.limit = limit;
    this.kind = kind;
  }

  boot(): { limiter: RateLimiter; process: Process } {
    const process = new Process(this.time);
    const world = simulatedWorld(process, this.time, new Random(++this.#engines));
    const caller = new StoreCaller(world, new StoreClock(world));
    const storage = faulty(this.#store, {
      decide: (method) => {
        this.calls += 1;
        return this.fault(method);
      },
    });
    const slow = {
      shards: storage.shards,
      takeTokens: async (input: Parameters<typeof storage.takeTokens>[0]) => {
        await this.time.sleep(this.delayMs());
        try {
          return await storage.takeTokens(input);
        } finally {
          await this.time.sleep(this.delayMs());
        }
      },
    };
    const limits = { ...none, [this.kind]: this.limit };
    return { limiter: new RateLimiter({ storage: slow, caller, world, limits }), process };
  }

  async call(engine: { limiter: RateLimiter; process: Process }, principal = "p"): Promise<Admission> {
    const admission = await engine.limiter.admit(this.kind, principal);
    // What a dead engine lets through reaches nobody.
    if (admission.outcome === "admitted" && engine.process.alive) {
      this.uses.set(principal, [...(this.uses.get(principal) ?? []), this.time.now()]);
    }
    return admission;
  }

  /** Lets time pass. */
  advance(ms: number): Promise<void> {
    return this.time.run(
      this.time.now() + ms,
      () => false,
      () => {},
    );
  }
  /** The answer, with the time it takes. */
  async answer<T>(promise: Promise<T>): Promise<T> {
    let isOpen = true;
    const close = (): void => {
      isOpen = false;
    };
    promise.then(close, close);
    await new Promise((resolve) => setImmediate(resolve));
    while (isOpen) await this.time.step();
    return promise;
  }
  async outcomes(count: number, engine: { limiter: RateLimiter; process: Process }, principal?: string) {
    const calls = Array.from({ length: count }, () => this.call(engine, principal));
    const counts = { admitted: 0, limited: 0, away: 0 };
    for (const { outcome } of await this.answer(Promise.all(calls))) counts[outcome] += 1;
    return counts;
  }
}

/** An engine that has had its seat for long. */
async function seated(fleet: Fleet, forMs = 20_000) {
  const engine = fleet.boot();
  await fleet.answer(engine.limiter.keepSeat());
  for (let passed = 0; passed < forMs; passed += 5000) {
    await fleet.advance(5000);
    await fleet.answer(engine.limiter.keepSeat());
  }
  fleet.calls = 0;
  return engine;
}

describe("a rate limiter", () => {
  test("lets a burst through, refuses what is beyond, and says when to come again", async () => {
    const fleet = new Fleet({ perSecond: 100, burst: 500 });
    const engine = await seated(fleet);
    const { admitted, limited } = await fleet.outcomes(700, engine);
    expect(admitted).toBeGreaterThan(480);
    expect(admitted + limited).toBe(700);
    const refused = await fleet.call(engine);
    expect(refused).toMatchObject({ outcome: "limited", limit: { perSecond: 100, burst: 500 } });
    expect((refused as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(0);
    expect(overflow(fleet.uses.get("p") as number[], fleet.limit)).toBeNull();
  });

  test("a steady client costs a call to the store or two a second, and gets its rate", async () => {
    const fleet = new Fleet({ perSecond: 100, burst: 500 });
    const engine = await seated(fleet);
    const seconds = 30;
    let admitted = 0;
    for (let step = 0; step < seconds * 80; step++) {
      if ((await fleet.answer(fleet.call(engine))).outcome === "admitted") admitted += 1;
      await fleet.advance(12.5);
    }
    expect(admitted).toBe(seconds * 80);
    expect(fleet.calls / seconds).toBeLessThanOrEqual(2);
  });

  test("who is over the limit all the time gets the rate, for two or three calls to the store a second", async () => {
    const fleet = new Fleet({ perSecond: 100, burst: 500 });
    const engine = await seated(fleet);
    const seconds = 30;
    let admitted = 0;
    for (let step = 0; step < seconds * 250; step++) {
      if ((await fleet.answer(fleet.call(engine))).outcome === "admitted") admitted += 1;
      await fleet.advance(4);
    }
    expect(admitted).toBeGreaterThan(seconds * 90);
    expect(fleet.calls / seconds).toBeLessThanOrEqual(3);
    expect(overflow(fleet.uses.get("p") as number[], fleet.limit)).toBeNull();
  });

  test("heartbeats every 15 s of 10,000 workers cost no call to the store", async () => {
    const fleet = new Fleet({ perSecond: 20, burst: 40 }, "heartbeat");
    const engine = await seated(fleet);
    for (let round = 0; round < 3; round++) {
      for (let worker = 0; worker < 10_000; worker++) {
        expect((await engine.limiter.admit("heartbeat", `w${worker}`)).outcome).toBe("admitted");
      }
      await fleet.advance(15_000);
      await fleet.answer(engine.limiter.keepSeat());
    }
    // The seat alone.
    expect(fleet.calls).toBeLessThanOrEqual(3);
  });

  test("a hundred thousand addresses leave no trace, and nobody gets more by being forgotten", async () => {
    const fleet = new Fleet({ perSecond: 10, burst: 20 }, "unauthenticated");
    const engine = await seated(fleet, 60_000);
    for (let address = 0; address < 100_000; address++) {
      // Nobody waits for these answers: the store's would take time.
      void engine.limiter.admit("unauthenticated", `a${address}`);
      if (address % 1000 === 0) {
        const until = fleet.time.now() + 20;
        await fleet.time.run(
          until,
          () => false,
          () => {},
        );
        await fleet.answer(fleet.call(engine, "known"));
        await fleet.answer(engine.limiter.keepSeat());
      }
    }
    await fleet.advance(1000);
    expect(overflow(fleet.uses.get("known") as number[], fleet.limit)).toBeNull();
    expect(engine.limiter.size).toBe(20_000);
  });

  test("kinds and principals don't share, and a kind without a limit lets everything through", async () => {
    const fleet = new Fleet({ perSecond: 1, burst: 1 });
    const engine = fleet.boot();
    expect((await fleet.outcomes(2, engine, "a")).admitted).toBe(1);
    expect((await fleet.outcomes(2, engine, "b")).admitted).toBe(1);
    expect((await engine.limiter.admit("creation", "a")).outcome).toBe("admitted");
  });

  test("while the store is away what is at hand is used, and then nothing is let through", async () => {
    const fleet = new Fleet({ perSecond: 100, burst: 500 });
    const engine = await seated(fleet);
    fleet.fault = () => "not-applied";
    const { admitted, away } = await fleet.outcomes(20, engine);
    expect([admitted, away]).toEqual([6, 14]);
    fleet.calls = 0;
    expect((await fleet.outcomes(50, engine)).away).toBe(50);
    expect(fleet.calls).toBe(0);
    fleet.fault = () => "none";
    await fleet.advance(500);
    expect((await fleet.outcomes(20, engine)).admitted).toBe(20);
  });

  test("answers that always come too late let nobody through, and come to an end", async () => {
    const fleet = new Fleet({ perSecond: 100, burst: 500 });
    const engine = fleet.boot();
    fleet.delayMs = () => 600;
    expect(await fleet.outcomes(3, engine)).toEqual({ admitted: 0, limited: 0, away: 3 });
  });

  test("a restart gives no allowance away", async () => {
    const fleet = new Fleet({ perSecond: 20, burst: 40 }, "heartbeat");
    let engine = await seated(fleet);
    fleet.fault = () => "not-applied";
    expect((await fleet.outcomes(3, engine)).admitted).toBe(1);
    fleet.fault = () => "none";
    engine.process.kill();
    engine = fleet.boot();
    await fleet.answer(engine.limiter.keepSeat());
    fleet.fault = () => "not-applied";
    expect((await fleet.outcomes(3, engine)).admitted).toBe(0);
  });

  test("there are as many allowances as seats, whatever the number of engines", async () => {
    const fleet = new Fleet({ perSecond: 20, burst: 40 }, "heartbeat");
    const engines = Array.from({ length: seats + 3 }, () => fleet.boot());
    const keep = () => Promise.all(engines.map(({ limiter }) => limiter.keepSeat()));
    await fleet.answer(keep());
    await fleet.advance(10_000);
    fleet.fault = () => "not-applied";
    const outcomes = await Promise.all(engines.map((engine) => fleet.outcomes(1, engine)));
    expect(outcomes.filter(({ admitted }) => admitted === 1).length).toBe(seats);
  });

  test("never more than burst + rate · t in any window, for any number of engines, crashes and lost replies", async () => {
    const steps = array(
      record({
        pauseMs: constantFrom(0, 0, 1, 3, 20, 200, 900, 2500, 16_000),
        engine: integer({ min: 0, max: 5 }),
        calls: constantFrom(1, 1, 2, 10, 60),
        principal: constantFrom("p", "p", "q"),
        dies: integer({ min: 0, max: 9 }).map((one) => one === 0),
        keeps: boolean(),
      }),
      { minLength: 10, maxLength: 60 },
    );
    const limits = record({ perSecond: constantFrom(1, 10, 20, 100), burst: constantFrom(1, 5, 20, 40, 200) });
    let checked = 0;
    await assertProperty(
      asyncProperty(limits, steps, integer({ min: 1 }), async (limit, ofRun, seed) => {
        const fleet = new Fleet(limit);
        const random = new Random(seed);
        fleet.fault = () => random.pick<Fault>(["none", "none", "none", "none", "not-applied", "reply-lost", "twice"]);
        fleet.delayMs = () => random.pick([0, 0.4, 1, 5, 60, 400]);
        const engines = Array.from({ length: 6 }, () => fleet.boot());
        for (const { pauseMs, engine, calls, principal, dies, keeps } of ofRun) {
          if (dies) {
            engines[engine]?.process.kill();
            engines[engine] = fleet.boot();
          }
          const used = engines[engine] as (typeof engines)[number];
          if (keeps) for (const { limiter } of engines) void limiter.keepSeat();
          for (let one = 0; one < calls; one++) void fleet.call(used, principal);
          await fleet.advance(pauseMs);
        }
        await fleet.advance(10_000);
        for (const uses of fleet.uses.values()) {
          checked += uses.length;
          expect(overflow(uses, limit)).toBeNull();
        }
      }),
      { numRuns: 150 },
    );
    expect(checked).toBeGreaterThan(5000);
  });
});
