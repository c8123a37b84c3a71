import assert from "node:assert/strict";
import type { JsonObject } from "#core/json";
import { decision, laneOfType, newInitial, succeeded, taskEnd, taskItem } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import { awaitDecision, awaitTask } from "#storage/testkit/steps";

/** Data goes in and comes out unchanged. */
export function checkValues(check: Check): void {
  check("values come back as they went in", async (kit) => {
    const value = everything();
    const initial = newInitial({ data: value, metadata: value, trace: value });
    const job = await kit.start({ initial });
    const next = await kit.commit(job, { data: value, head: { ...job.head, result: { value } } });
    const details = await kit.details(job.id);
    assert.deepEqual([details.data, details.initial, details.job.head.result], [value, initial, { value }]);
    assert.deepEqual(keys(details.data), keys(value), "the order of keys too");
    const claimed = { ...next };
    const step = awaitTask(claimed, laneOfType("work", { requirements: value }), taskItem({ params: value }));
    await kit.commit(claimed, step);
    const { tasks } = await kit.poll({ lanes: [laneOfType("work", { requirements: value }).id] });
    const task = tasks[0]?.task ?? assert.fail();
    assert.deepEqual(task.item.params, value);
    const end = taskEnd(task, { data: value, workerId: "w1" });
    await kit.apply({ ...succeeded(task), verdict: { kind: "done", ok: true, end, answer: "success" } });
    const { event } = (await kit.claimOne()).job;
    assert.deepEqual(event?.kind === "task" && event.end, end);
    const { results } = await kit.storage.readResults({ jobId: job.id, wait: 1, from: 0, limit: 1 });
    assert.deepEqual(results[0]?.end, end);
  });

  check("values of decisions, workers and once calls too", async (kit) => {
    const value = everything();
    const job = await kit.start();
    const claim = job.lease?.claim ?? "";
    await kit.storage.stage({ jobId: job.id, claim, items: null, once: { visit: 1, name: "n", value } });
    assert.deepEqual((await kit.storage.readOnce({ jobId: job.id, visit: 1 })).values, { n: value });
    await kit.commit(job, awaitDecision(job));
    const event = decision("d", 1, { metadata: value });
    await kit.storage.deliver({ jobId: job.id, event, lease: null });
    assert.deepEqual((await kit.claimOne()).job.event, event);
    await kit.storage.putWorkers({ workers: [{ id: "w", record: value, seenAt: kit.now, expiresAt: kit.now + 1 }] });
    assert.deepEqual((await kit.storage.listWorkers({ since: 0 })).workers[0]?.record, value);
  });

  check("numbers at the limits of a double come back", async (kit) => {
    const numbers = [
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      Number.MIN_VALUE,
      2 ** 53 - 1,
      -(2 ** 53) + 1,
      0.1 + 0.2,
      1e21,
    ];
    const job = await kit.start();
    await kit.commit(job, { data: { numbers } });
    assert.deepEqual((await kit.details(job.id)).data, { numbers });
  });

  check("a long text comes back", async (kit) => {
    const text = "ab😀\u0000".repeat(200_000);
    const job = await kit.start();
    await kit.commit(job, { data: { text } });
    assert.equal((await kit.details(job.id)).data["text"], text);
  });
}

function everything(): JsonObject {
  const value: JsonObject = {
    z: null,
    a: [[], {}, [[null]], true, false, 0, -1.5, ""],
    nested: { "": 1, "a.b": { constructor: 1, toString: null } },
    "1": "an integer as a key",
    text: '\u0000\u001f"\\/\u2028\ud83d\ude00 \ud800',
    looksEncoded: ["\\u0041", '{"a":1}', "gAAAAA==", "\u0081\u00a1"],
  };
  Object.defineProperty(value, "__proto__", {
    value: { polluted: true },
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return value;
}

/** The keys of an object and of all in it, in order. */
function keys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keys);
  if (typeof value !== "object" || value === null) return null;
  return Object.entries(value).map(([key, one]) => [key, keys(one)]);
}
