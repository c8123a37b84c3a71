import { expect, test } from "vitest";
import { LongWork } from "#engine/long-work";
import type { World } from "#engine/world";

test("long work lets others have the loop once it has held it for 20 ms, and then again", async () => {
  let elapsed = 1000;
  const turns: number[] = [];
  const world = {
    elapsed: () => elapsed,
    after: (ms: number, action: () => void) => {
      turns.push(elapsed);
      elapsed += ms + 3;
      queueMicrotask(action);
      return () => {};
    },
  } as World;
  const work = new LongWork(world);
  for (let piece = 0; piece < 10; piece++) {
    elapsed += 7;
    await work.pause();
  }
  // Pieces of 7 ms: after three of them, and three more from the turn on.
  expect(turns).toEqual([1021, 1045, 1069]);
});
