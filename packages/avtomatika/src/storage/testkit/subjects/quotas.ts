import assert from "node:assert/strict";
import type { Month } from "#core/month";
import { newJob } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";

const hour = 3_600_000;

/** Storage.chargeQuota, Storage.refundQuota and Storage.findCreated. */
export function checkQuotas(check: Check): void {
  check("jobs are charged in order until the limit", async (kit) => {
    const ids = newIds(kit, 5);
    assert.deepEqual(await charge(kit, ids.slice(0, 2), 3), ids.slice(0, 2));
    assert.deepEqual(await charge(kit, ids.slice(2), 3), [ids[2]]);
    assert.deepEqual(await charge(kit, newIds(kit, 1), 3), []);
  });

  check("a repeated charge gives the first answer and counts nothing", async (kit) => {
    const ids = newIds(kit, 3);
    const first = await charge(kit, ids, 2);
    for (let n = 0; n < 5; n++) assert.deepEqual(await charge(kit, ids, 2), first);
    assert.equal((await charge(kit, newIds(kit, 3), 4)).length, 2, "two of four were left");
  });

  check("what was refused stays refused, though there is room meanwhile", async (kit) => {
    const [a, b] = newIds(kit, 2) as [string, string];
    assert.deepEqual(await charge(kit, [a], 1), [a]);
    assert.deepEqual(await charge(kit, [b], 1), []);
    assert.deepEqual(await refund(kit, [a]), [a]);
    assert.deepEqual(await charge(kit, [b], 1), []);
    assert.deepEqual((await charge(kit, newIds(kit, 2), 1)).length, 1, "another one takes the unit");
  });

  check("what is given back is given back once", async (kit) => {
    const ids = newIds(kit, 2);
    await charge(kit, ids, 2);
    for (let n = 0; n < 3; n++) assert.deepEqual(await refund(kit, ids.slice(0, 1)), ids.slice(0, 1));
    assert.deepEqual(await charge(kit, ids, 2), ids, "a repeat that comes late is told what was told first");
    assert.equal((await charge(kit, newIds(kit, 3), 2)).length, 1);
  });

  check("only what was charged is given back", async (kit) => {
    const [a, b] = newIds(kit, 2) as [string, string];
    await charge(kit, [a, b], 1);
    assert.deepEqual(await refund(kit, [b, kit.id()]), []);
    assert.deepEqual(await charge(kit, newIds(kit, 1), 1), []);
  });

  check("each owner and each month has its own count", async (kit) => {
    assert.equal((await charge(kit, newIds(kit, 2), 1)).length, 1);
    assert.equal((await charge(kit, newIds(kit, 2), 1, { owner: "bob" })).length, 1);
    const next = { id: "next", from: kit.now, to: kit.now + hour };
    assert.equal((await charge(kit, newIds(kit, 2), 1, { period: next })).length, 1);
    assert.equal((await charge(kit, newIds(kit, 2), 1)).length, 0);
  });

  check("a raised limit counts at once, a lowered one takes nothing back", async (kit) => {
    const ids = newIds(kit, 3);
    assert.equal((await charge(kit, ids, 3)).length, 3);
    assert.deepEqual(await charge(kit, ids, 1), ids);
    assert.equal((await charge(kit, newIds(kit, 1), 1)).length, 0);
    assert.equal((await charge(kit, newIds(kit, 2), 4)).length, 1);
    assert.equal((await charge(kit, newIds(kit, 1), 0)).length, 0);
  });

  check("nothing is charged to a month that is over or has not begun", async (kit) => {
    const [a, b] = newIds(kit, 2) as [string, string];
    for (const period of [
      { id: "over", from: kit.now - hour, to: kit.now },
      { id: "ahead", from: kit.now + 1, to: kit.now + hour },
    ]) {
      const { outcome, charged } = await kit.storage.chargeQuota({ ...place(kit), period, limit: 5, jobIds: [a] });
      assert.deepEqual([outcome, charged], ["other_period", []]);
    }
    const last = { id: "last", from: kit.now, to: kit.now + 1 };
    assert.deepEqual(await charge(kit, [b], 5, { period: last }), [b]);
    kit.advance(1);
    assert.deepEqual(await charge(kit, [b], 5, { period: last }), [b], "a repeat is answered when the month is over");
    assert.deepEqual(await refund(kit, [b]), [b]);
  });

  check("charging nobody is no error", async (kit) => {
    assert.deepEqual(await charge(kit, [], 1), []);
    assert.deepEqual(await refund(kit, []), []);
  });

  check("what is remembered of charges goes, what is counted stays until its month is over", async (kit) => {
    const period = { id: "p", from: kit.now, to: kit.now + 100 * hour };
    assert.equal((await charge(kit, newIds(kit, 4), 3, { period })).length, 3);
    kit.advance(hour);
    assert.equal((await kit.claim()).purgeDue, true);
    assert.equal((await purge(kit)).removed >= 4, true);
    assert.equal((await kit.claim()).purgeDue, false);
    assert.equal((await charge(kit, newIds(kit, 1), 3, { period })).length, 0);
    kit.advance(100 * hour);
    const counts = async (): Promise<string> =>
      (await charge(kit, [kit.id()], 1, { period: { ...period, to: kit.now + 1 } })).join();
    assert.equal(await counts(), "", "a counter outlives its month a little");
    kit.advance(2 * hour);
    assert.equal((await purge(kit)).removed >= 1, true);
    assert.notEqual(await counts(), "");
  });

  check("dedup records are found without creating", async (kit) => {
    const dedup = { key: "k", fingerprint: "f", ttlMs: hour };
    const id = kit.id();
    await kit.storage.createJobs({ shard: kit.shard, jobs: [{ job: newJob(id), dedup }], lease: null });
    const find = async () => {
      const keys = [
        { key: "k", fingerprint: "f" },
        { key: "none", fingerprint: "f" },
        { key: "k", fingerprint: "other" },
      ];
      return (await kit.storage.findCreated({ shard: kit.shard, keys })).results;
    };
    assert.deepEqual(await find(), [{ outcome: "existing", jobId: id }, null, { outcome: "conflict", jobId: id }]);
    kit.advance(hour);
    assert.deepEqual(await find(), [null, null, null]);
    assert.equal((await kit.storage.countJobs({ shard: kit.shard, owner: null })).counts.pending, 1);
  });
}

function place(kit: Kit) {
  return { shard: kit.shard, owner: "alice" };
}

async function charge(kit: Kit, jobIds: string[], limit: number, over: { owner?: string; period?: Month } = {}) {
  const period = { id: "2023-11", from: kit.now - 1000 * hour, to: kit.now + 1000 * hour };
  const reply = await kit.storage.chargeQuota({ ...place(kit), period, limit, jobIds, ...over });
  assert.equal(reply.outcome, "charged");
  return reply.charged;
}

async function refund(kit: Kit, jobIds: string[]): Promise<string[]> {
  return (await kit.storage.refundQuota({ shard: kit.shard, jobIds })).refunded;
}

function purge(kit: Kit) {
  return kit.storage.purge({ shard: kit.shard, limit: 1000 });
}

function newIds(kit: Kit, count: number): string[] {
  return Array.from({ length: count }, () => kit.id());
}
