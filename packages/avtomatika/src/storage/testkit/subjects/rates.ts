import assert from "node:assert/strict";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";

const limit = { perSecond: 10, burst: 20 };

/** Storage.takeTokens. The arithmetic is the core's; that a store does it is what is checked here. */
export function checkRates(check: Check): void {
  check("a bucket is full at first, and gives whole tokens until it is empty", async (kit) => {
    assert.deepEqual(await take(kit, 15), { granted: 15, waitMs: 0 });
    const { granted, waitMs } = await take(kit, 15);
    assert.deepEqual([granted, waitMs > 0], [5, true]);
    assert.equal((await take(kit, 1)).granted, 0);
  });

  check("tokens that were lent come back no sooner than their use can be over", async (kit) => {
    const { waitMs } = await take(kit, 20);
    kit.advance(999);
    assert.equal((await take(kit, 1)).granted, 0);
    kit.advance(waitMs - 999);
    assert.equal((await take(kit, 20)).granted, 1, "after the time that was told there is one");
    kit.advance(60_000);
    assert.equal((await take(kit, 100)).granted, 20, "never more than the burst");
  });

  check("each key has its own bucket", async (kit) => {
    await take(kit, 20, "a");
    assert.equal((await take(kit, 20, "b")).granted, 20);
  });

  check("in the long run a bucket gives its rate", async (kit) => {
    await take(kit, 20);
    let granted = 0;
    for (let step = 0; step < 300; step++) {
      kit.advance(100);
      granted += (await take(kit, 1)).granted;
    }
    assert.equal(granted >= 285 && granted <= 300, true, `${granted} tokens in 30 s`);
  });

  check("buckets at rest go", async (kit) => {
    await take(kit, 20);
    kit.advance(600_000);
    assert.equal((await kit.claim()).purgeDue, true);
    assert.equal((await kit.storage.purge({ shard: kit.shard, limit: 100 })).removed, 1);
    assert.equal((await kit.claim()).purgeDue, false);
    assert.equal((await take(kit, 20)).granted, 20);
  });
}

async function take(kit: Kit, want: number, key = "k"): Promise<{ granted: number; waitMs: number }> {
  const { granted, waitMs } = await kit.storage.takeTokens({ shard: kit.shard, key, limit, want, lifeMs: 1000 });
  return { granted, waitMs };
}
