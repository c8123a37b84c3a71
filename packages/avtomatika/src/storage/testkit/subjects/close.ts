import assert from "node:assert/strict";
import { AvtomatikaError } from "#core/errors";
import { newJob } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";

/** Storage.close. */
export function checkClose(check: Check): void {
  check("a closed store refuses calls", async (kit) => {
    const job = newJob(kit.id());
    await close(kit);
    const calls: (() => Promise<unknown>)[] = [
      () => kit.storage.createJobs({ shard: kit.shard, jobs: [{ job, dedup: null }], lease: null }),
      () => kit.storage.getJob({ jobId: job.id }),
      () => kit.claim(),
      () => kit.poll(),
      () => kit.storage.listWorkers({ since: 0 }),
      () => kit.storage.purge({ shard: kit.shard, limit: 1 }),
    ];
    for (const call of calls) {
      await assert.rejects(
        async () => await call(),
        (error) => {
          assert.ok(error instanceof AvtomatikaError);
          return error.code === "store_unavailable";
        },
      );
    }
  });

  check("calls that were made before the close are answered", async (kit) => {
    const ids = Array.from({ length: 50 }, () => kit.id());
    const calls = ids.map((id) =>
      kit.storage.createJobs({ shard: kit.shard, jobs: [{ job: newJob(id), dedup: null }], lease: null }),
    );
    const closing = close(kit);
    for (const { results } of await Promise.all(calls)) assert.equal(results[0]?.outcome, "created");
    await closing;
  });

  check("a store may be closed twice", async (kit) => {
    await close(kit);
    await close(kit);
  });

  check("calls made at once are all answered", async (kit) => {
    const ids = Array.from({ length: 100 }, () => kit.id());
    await Promise.all(
      ids.map((id) =>
        kit.storage.createJobs({ shard: kit.shard, jobs: [{ job: newJob(id), dedup: null }], lease: null }),
      ),
    );
    const claims = await Promise.all([1, 2, 3, 4].map(() => kit.claim({ limit: 30 })));
    const claimed = claims.flatMap(({ jobs }) => jobs.map(({ job }) => job.id));
    assert.equal(claimed.length, 100);
    assert.deepEqual([...claimed].sort(), [...ids].sort(), "each job is claimed once");
  });
}

async function close(kit: Kit): Promise<void> {
  kit.closed = true;
  await kit.storage.close();
}
