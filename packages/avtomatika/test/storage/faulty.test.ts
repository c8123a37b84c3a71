import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { Bell } from "#storage/bell";
import { MemoryStorage } from "#storage/memory/memory-storage";
import type { Storage } from "#storage/storage";
import { leaseRequest, newJob } from "#storage/testkit/builders";
import { dumpMemory } from "#storage/testkit/dump";
import { testStorage } from "#storage/testkit/test-storage";
import { type Fault, faulty } from "#storage/wrap/faulty";

const creation = { shard: 0, jobs: [{ job: newJob("a"), dedup: null }], lease: null };

describe("faulty", () => {
  test("a call that isn't applied is refused and changes nothing", async () => {
    const { inner, outer } = await open("not-applied");
    await assert.rejects(outer.createJobs(creation), { code: "store_unavailable" });
    assert.equal((await inner.getJob({ jobId: "a" })).found, null);
  });

  test("a call whose reply is lost is refused, but applied", async () => {
    const { inner, outer } = await open("reply-lost");
    await assert.rejects(outer.createJobs(creation), {
      code: "store_unavailable",
      message: /createJobs lost its reply/,
    });
    assert.equal((await inner.getJob({ jobId: "a" })).found?.job.id, "a");
  });

  test("a call that is made twice gives the second reply", async () => {
    const { inner, outer } = await open("twice");
    await inner.createJobs(creation);
    const lease = leaseRequest("c", { limit: 1 });
    const { jobs, left } = await outer.claimJobs({ shard: 0, lease, dueLimit: 1, takeMs: 1, silenceMs: 1 });
    assert.deepEqual([jobs.length, jobs[0]?.job.runs, left], [1, 1, false]);
  });

  test("without a fault everything goes through, and the fault is chosen by method and input", async () => {
    const asked: [string, unknown][] = [];
    const inner = new MemoryStorage({ shards: 2 });
    const outer = faulty(inner, {
      decide: (method, input) => {
        asked.push([method, input]);
        return "none";
      },
    });
    await outer.open();
    assert.deepEqual([outer.name, outer.shards], ["memory", 2]);
    const input = { jobId: "a" };
    assert.deepEqual((await outer.getJob(input)).found, null);
    assert.deepEqual(asked, [["getJob", input]]);
    await outer.close();
    await assert.rejects(inner.getJob(input), { code: "store_unavailable" });
  });

  test("bells may be lost or doubled", async () => {
    const inner = new MemoryStorage();
    const heard: string[] = [];
    const bell = (rung: Bell) => (rung.kind !== "ready" ? [] : rung.blueprint === "lost" ? [] : [rung, rung]);
    const outer = faulty(inner, { decide: () => "none", bell });
    const stop = outer.listen((rung) => heard.push(rung.kind === "ready" ? rung.blueprint : rung.kind));
    for (const blueprint of ["lost", "doubled"]) {
      const job = newJob(blueprint, { blueprint });
      await outer.createJobs({ shard: 0, jobs: [{ job, dedup: null }], lease: null });
    }
    stop();
    await outer.createJobs({
      shard: 0,
      jobs: [{ job: newJob("b", { blueprint: "later" }), dedup: null }],
      lease: null,
    });
    assert.deepEqual(heard, ["doubled", "doubled"]);
  });
});

async function open(fault: Fault) {
  const inner = new MemoryStorage();
  await inner.open();
  return { inner, outer: faulty(inner, { decide: () => fault }) };
}

/** Calls whose repeat tells less than the first one did: they change nothing more, but what they told is over. */
const once = new Set(["claimJobs", "releaseLeases", "putWorkers", "purge", "takeTokens"]);

function repeatable(method: string, input: unknown): Fault {
  if (once.has(method)) return "none";
  // What an engine judged is fenced by the record it saw: a repeat finds another one.
  const settlements = (input as Partial<Parameters<Storage["settleTasks"]>[0]>).settlements ?? [];
  return settlements.some(({ worker }) => worker === null) ? "none" : "twice";
}

// Each call may be repeated: the whole suite holds when every call is made twice.
const stores = new Map<unknown, MemoryStorage>();
testStorage({
  name: "a memory whose calls are all repeated",
  open: async ({ clock }) => {
    const inner = new MemoryStorage({ clock, shards: 3 });
    const outer = faulty(inner, { decide: repeatable });
    await outer.open();
    stores.set(outer, inner);
    return outer;
  },
  dump: (store) => dumpMemory(stores.get(store) as MemoryStorage),
  skip: [
    {
      reason: "the second of two calls comes after the close",
      tests: ["calls that were made before the close are answered"],
    },
  ],
  describe,
  test,
});
