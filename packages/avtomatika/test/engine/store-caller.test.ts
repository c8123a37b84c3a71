import { describe, expect, test } from "vitest";
import { AvtomatikaError } from "#core/errors";
import { EndWatchers } from "#engine/end-watchers";
import { StoreCaller } from "#engine/store-caller";
import { StoreClock } from "#engine/store-clock";
import type { World } from "#engine/world";

/** A world whose pauses are over at once, and that counts them. */
function hasty() {
  let elapsed = 1000;
  const world: World = {
    elapsed: () => elapsed,
    random: () => 1,
    after: (ms, action) => {
      elapsed += ms;
      queueMicrotask(action);
      return () => {};
    },
    uuid: () => "u",
    token: () => "t",
  };
  return { world, pass: (ms: number) => (elapsed += ms), elapsed: () => elapsed - 1000 };
}
const away = () => Promise.reject(new AvtomatikaError("store_unavailable", "away"));

describe("calls to the store", () => {
  function caller() {
    const time = hasty();
    const clock = new StoreClock(time.world);
    return { ...time, clock, caller: new StoreCaller(time.world, clock) };
  }

  test("are repeated while it is away, with pauses that double from 20 ms to 1 s", async () => {
    const { caller: store, elapsed } = caller();
    let calls = 0;
    const reply = await store.call(() => (++calls < 9 ? away() : Promise.resolve({ now: 5 })), Infinity);
    expect([reply, calls, elapsed()]).toEqual([{ now: 5 }, 9, 20 + 40 + 80 + 160 + 320 + 640 + 1000 + 1000]);
    expect(store.underWay).toBe(0);
  });

  test("give up when their patience would be over, with store_unavailable", async () => {
    const { caller: store, elapsed } = caller();
    await expect(store.call(away, 5000)).rejects.toMatchObject({ code: "store_unavailable", status: 503 });
    expect(elapsed()).toBeGreaterThan(4000);
    expect(elapsed()).toBeLessThanOrEqual(5000);
    store.stop();
    await expect(store.call(away, Infinity)).rejects.toMatchObject({ code: "store_unavailable" });
  });

  test("tell once that it is away, and once that it is back, however many fail in between", async () => {
    const { world } = hasty();
    const told: string[] = [];
    const store = new StoreCaller(world, new StoreClock(world), {
      away: (error) => told.push((error as Error).message),
      back: () => told.push("back"),
    });
    const answers = (): Promise<{ now: number }> => Promise.resolve({ now: 5 });
    await store.call(answers, Infinity);
    await expect(store.call(away, 100)).rejects.toThrow("away");
    await expect(store.call(away, 100)).rejects.toThrow("away");
    await store.call(answers, Infinity);
    await store.call(answers, Infinity);
    expect(told).toEqual(["away", "back"]);
  });

  test("are not repeated for another fault", async () => {
    const { caller: store } = caller();
    let calls = 0;
    const fails = () => {
      calls += 1;
      return Promise.reject(new Error("a bug"));
    };
    await expect(store.call(fails, Infinity)).rejects.toThrow("a bug");
    expect(calls).toBe(1);
  });

  test("bring the clock: what the last reply said, and the time since by the engine's own", async () => {
    const { caller: store, clock, pass } = caller();
    await store.call(() => Promise.resolve({ now: 70_000 }), 0);
    pass(1500.7);
    expect(clock.now()).toBe(71_500);
    await store.call(() => Promise.resolve({ now: 60_000 }), 0);
    expect(clock.now()).toBe(60_000);
  });
});

describe("whoever waits for a job's end", () => {
  const never: World = { ...hasty().world, after: () => () => {} };
  const { signal } = new AbortController();

  test("is told of its own job, once, and all of them when bells may have been lost", async () => {
    const watchers = new EndWatchers(never);
    const order: string[] = [];
    const waits = ["a", "a", "b"].map((job, at) =>
      watchers.watch(job, 1000, signal).done.then(() => order.push(`${job}${at}`)),
    );
    watchers.ring("a");
    await Promise.all(waits.slice(0, 2));
    expect(order).toEqual(["a0", "a1"]);
    watchers.ringAll();
    await waits[2];
    expect(order).toEqual(["a0", "a1", "b2"]);
  });

  test("stops at its time, and when the request is gone", async () => {
    await new EndWatchers(hasty().world).watch("a", 1000, signal).done;
    const gone = new AbortController();
    const { done } = new EndWatchers(never).watch("a", 1000, gone.signal);
    gone.abort();
    await done;
  });
});
