import assert from "node:assert/strict";
import { shardOf } from "#core/job-id";
import { newJob, succeeded } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import { awaitTask } from "#storage/testkit/steps";

/** Each job lives in the shard that its id names, and each call touches one. */
export function checkShards(check: Check): void {
  check("jobs of every shard are found by their ids", async (kit) => {
    const { storage } = kit;
    const ids = new Map<number, string>();
    for (let shard = 0; shard < storage.shards; shard++) {
      const job = newJob(kit.id(shard), { blueprint: `b${shard}` });
      await storage.createJobs({ shard, jobs: [{ job, dedup: null }], lease: null });
      ids.set(shard, job.id);
    }
    for (const [shard, jobId] of ids) {
      assert.equal(shardOf(jobId, storage.shards), shard);
      assert.equal((await storage.getJob({ jobId })).found?.job.blueprint, `b${shard}`);
      const { counts } = await storage.countJobs({ shard, owner: null });
      assert.equal(counts.pending, 1);
    }
  });

  check("claims, polls and lists stay in their shard", async (kit) => {
    const { storage } = kit;
    for (let shard = 0; shard < storage.shards; shard++) {
      const job = newJob(kit.id(shard));
      const lease = kit.lease();
      const { leased } = await storage.createJobs({ shard, jobs: [{ job, dedup: null }], lease });
      const started = leased[0]?.job ?? assert.fail();
      await kit.commit(started, awaitTask(started));
    }
    for (let shard = 0; shard < storage.shards; shard++) {
      const usual = { worker: "w1", lanes: ['["work"]'], capacity: 9, offerMs: 1000, lanesSeen: 0 };
      const { tasks, open } = await storage.claimTasks({ shard, claim: `p${shard}`, limit: 9, ...usual });
      assert.deepEqual([tasks.length, open], [1, 1]);
      const task = tasks[0]?.task ?? assert.fail();
      assert.equal(shardOf(task.jobId, storage.shards), shard);
      const { leased } = await storage.settleTasks({ shard, settlements: [succeeded(task)], lease: null });
      assert.deepEqual(leased, []);
      const { jobs } = await storage.claimJobs({
        shard,
        lease: kit.lease(),
        dueLimit: 9,
        takeMs: 1000,
        silenceMs: 5000,
      });
      assert.deepEqual(
        jobs.map(({ job }) => job.id),
        [task.jobId],
      );
      const none = { owner: null, status: null, blueprint: null, withoutDiscarded: false, before: null };
      const listed = await storage.listJobs({ shard, ...none, limit: 9 });
      assert.deepEqual(
        listed.jobs.map(({ id }) => id),
        [task.jobId],
      );
    }
  });

  check("a dedup key counts in its shard", async (kit) => {
    const { storage } = kit;
    for (let shard = 0; shard < storage.shards; shard++) {
      const dedup = { key: "k", fingerprint: "f", ttlMs: 1000 };
      const jobs = [{ job: newJob(kit.id(shard)), dedup }];
      assert.equal((await storage.createJobs({ shard, jobs, lease: null })).results[0]?.outcome, "created");
    }
  });
}
