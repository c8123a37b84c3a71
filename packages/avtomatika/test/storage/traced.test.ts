import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { MemoryStorage } from "#storage/memory/memory-storage";
import { type TracedCall, traced } from "#storage/wrap/traced";

describe("traced", () => {
  test("a call is told with its input, reply and duration", async () => {
    const calls: TracedCall[] = [];
    const store = traced(new MemoryStorage({ clock: () => 5 }), (call) => calls.push(call));
    await store.open();
    const input = { jobId: "a" };
    const reply = await store.getJob(input);
    const [call] = calls;
    assert.deepEqual([calls.length, call?.method, call?.input], [1, "getJob", input]);
    assert.deepEqual([call?.outcome, reply], [{ reply: { found: null, now: 5 } }, { found: null, now: 5 }]);
    assert.equal((call?.ms ?? -1) >= 0, true);
  });

  test("a call that fails is told with its error, and fails", async () => {
    const calls: TracedCall[] = [];
    const store = traced(new MemoryStorage(), (call) => calls.push(call));
    await store.close();
    await assert.rejects(store.listWorkers({ since: 0 }), { code: "store_unavailable" });
    const outcome = calls[0]?.outcome;
    assert.equal(outcome !== undefined && "error" in outcome && outcome.error instanceof Error, true);
  });
});
