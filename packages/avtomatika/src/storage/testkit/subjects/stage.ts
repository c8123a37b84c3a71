import assert from "node:assert/strict";
import type { JobRecord } from "#core/job";
import type { Json } from "#core/json";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";

/** Storage.stage and Storage.readOnce: `once` values. */
export function checkStage(check: Check): void {
  check("a once value is stored and read", async (kit) => {
    const job = await kit.start();
    const value = { a: [1, null, { b: "x" }] };
    assert.deepEqual(await once(kit, job, "n", value), { outcome: "ok", value, now: kit.now });
    assert.deepEqual(await once(kit, job, "other", null), { outcome: "ok", value: null, now: kit.now });
    assert.deepEqual(await values(kit, job), { n: value, other: null });
  });

  check("the first value of a name stands", async (kit) => {
    const job = await kit.start();
    await once(kit, job, "n", false);
    assert.deepEqual(await once(kit, job, "n", "second"), { outcome: "ok", value: false, now: kit.now });
    assert.deepEqual(await values(kit, job), { n: false });
  });

  check("a run that lost its lease stores nothing", async (kit) => {
    const job = await kit.start({}, { ms: 100 });
    await once(kit, job, "n", 1);
    kit.advance(100);
    const { job: again } = await kit.claimOne();
    assert.equal((await once(kit, job, "m", 2)).outcome, "lost");
    assert.equal((await once(kit, { ...job, id: kit.id() }, "m", 2)).outcome, "lost");
    assert.deepEqual(await values(kit, again), { n: 1 }, "the next run has what was stored");
    assert.deepEqual((await once(kit, again, "n", 3)).value, 1);
  });

  check("once values belong to their visit", async (kit) => {
    const job = await kit.start();
    await once(kit, job, "n", 1);
    const same = await kit.commit(job);
    assert.deepEqual(await values(kit, same), { n: 1 }, "they are kept while the visit lasts");
    const head = { ...same.head, visit: 2 };
    const next = await kit.commit(same, { head, visit: 2 });
    assert.deepEqual(await values(kit, next), {});
    assert.deepEqual(await values(kit, same), {}, "those of the visit before are gone");
    await once(kit, next, "n", 2);
    assert.deepEqual(await values(kit, next), { n: 2 });
  });

  check("once values survive what isn't a new visit", async (kit) => {
    const job = await kit.start();
    await once(kit, job, "n", 1);
    await kit.commit(job, { next: "ready" });
    const { job: again } = await kit.claimOne();
    assert.deepEqual(await values(kit, again), { n: 1 });
  });

  check("names of once values may be anything", async (kit) => {
    const job = await kit.start();
    const names = ["__proto__", "constructor", "", "toString", "a\u0000b", "😀", "x".repeat(128), "a'b\"c:d"];
    for (const [n, name] of names.entries()) assert.deepEqual((await once(kit, job, name, n)).value, n);
    for (const [n, name] of names.entries()) assert.deepEqual((await once(kit, job, name, "late")).value, n);
    const stored = await values(kit, job);
    assert.deepEqual(new Map(Object.entries(stored)), new Map(names.map((name, n) => [name, n])));
    assert.equal(Object.hasOwn(stored, "__proto__"), true);
  });

  check("a job without once values has none", async (kit) => {
    const job = await kit.start();
    assert.deepEqual(await values(kit, job), {});
    assert.deepEqual((await kit.storage.readOnce({ jobId: kit.id(), visit: 1 })).values, {});
  });

  check("staging nothing tells whether the lease is held", async (kit) => {
    const job = await kit.start();
    const stage = (claim: string) => kit.storage.stage({ jobId: job.id, claim, items: null, once: null });
    assert.equal((await stage(job.lease?.claim ?? "")).outcome, "ok");
    assert.equal((await stage("forged")).outcome, "lost");
  });
}

function once(kit: Kit, job: JobRecord, name: string, value: Json) {
  const claim = job.lease?.claim ?? "";
  return kit.storage.stage({ jobId: job.id, claim, items: null, once: { visit: job.head.visit, name, value } });
}

async function values(kit: Kit, job: JobRecord): Promise<Record<string, Json>> {
  return (await kit.storage.readOnce({ jobId: job.id, visit: job.head.visit })).values;
}
