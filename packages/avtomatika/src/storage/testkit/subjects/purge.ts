import assert from "node:assert/strict";
import type { TaskRecord } from "#core/task";
import { laneOfType, newJob, retried, succeeded, taskItem, taskItems } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitBranches, awaitTask, end, quarantine } from "#storage/testkit/steps";

const hour = 3_600_000;

/** Storage.purge. */
export function checkPurge(check: Check): void {
  check("an ended job goes when its time is over", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, end(kit.now, kit.now + 1000));
    kit.advance(999);
    assert.equal((await kit.claim()).purgeDue, false);
    assert.deepEqual(await purge(kit), { removed: 0, jobs: 0, more: false });
    kit.advance(1);
    assert.equal((await kit.claim()).purgeDue, true);
    assert.equal((await purge(kit)).jobs, 1);
    assert.equal((await kit.storage.getJob({ jobId: job.id })).found, null);
    const after = await kit.claim();
    assert.deepEqual([after.purgeDue, after.nextDue], [false, null]);
    const { counts } = await kit.storage.countJobs({ shard: kit.shard, owner: null });
    assert.equal(counts.finished, 0);
  });

  check("a job that has not ended, or that is kept, stays", async (kit) => {
    const kept = await kit.start({ blueprint: "a" });
    await kit.commit(kept, end(kit.now, null));
    const quarantined = await kit.start({ blueprint: "b" });
    await kit.commit(quarantined, quarantine(quarantined, kit.now));
    const waiting = await kit.start({ blueprint: "c" });
    await kit.commit(waiting, awaitTask(waiting));
    const pending = await kit.create({ blueprint: "d" });
    kit.advance(10 ** 11);
    assert.equal((await purge(kit)).jobs, 0);
    for (const id of [kept.id, quarantined.id, waiting.id, pending]) await kit.job(id);
  });

  check("a call removes no more rows than it may", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitBranches(job, [{ count: 40 }]));
    for (const task of await kit.take(40)) await kit.apply(succeeded(task));
    const { job: woken } = await kit.claimOne();
    await kit.commit(woken, end(kit.now, kit.now));
    let [calls, rows] = [0, 0];
    for (let more = true; more; calls++) {
      const reply = await purge(kit, 10);
      assert.equal(reply.removed <= 10, true);
      rows += reply.removed;
      assert.equal(calls < 50, true, "it comes to an end");
      more = reply.more;
      if (more && calls === 0) await kit.job(job.id);
    }
    // A store that lets go of all branches of a wait at once counts them as one row.
    if (rows >= 80) assert.equal(calls >= 8, true, "40 items and 40 results can't go in fewer calls");
    else assert.equal(rows, 2, "the wait and the job");
    await gone(kit, job.id);
  });

  check("everything of a job goes with it", async (kit) => {
    const job = await kit.start();
    const claim = job.lease?.claim ?? "";
    await kit.storage.stage({ jobId: job.id, claim, items: null, once: { visit: 1, name: "n", value: 1 } });
    const staged = { wait: 1, group: 0, start: 0, items: taskItems(3) };
    await kit.storage.stage({ jobId: job.id, claim, items: staged, once: null });
    await kit.commit(job, awaitBranches(job, [{ count: 3, items: null }], "any"));
    await kit.apply(succeeded(await kit.takeOne()));
    const { job: woken } = await kit.claimOne();
    await kit.commit(woken, end(kit.now, kit.now));
    await purgeAll(kit);
    await gone(kit, job.id);
    assert.deepEqual((await kit.storage.readOnce({ jobId: job.id, visit: 1 })).values, {});
    assert.deepEqual((await kit.storage.readResults({ jobId: job.id, wait: 1, from: 0, limit: 9 })).results, []);
    const again = newJob(job.id);
    const { leased } = await kit.storage.createJobs({
      shard: kit.shard,
      jobs: [{ job: again, dedup: null }],
      lease: kit.lease(),
    });
    assert.deepEqual([leased[0]?.job.version, leased[0]?.data], [1, {}], "its id is as new");
    assert.deepEqual((await kit.storage.readOnce({ jobId: job.id, visit: 1 })).values, {});
  });

  check("a revoked task that nobody dropped goes with its job", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitTask(job));
    await kit.takeOne();
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    const { job: cancelled } = await kit.claimOne();
    await kit.commit(cancelled, end(kit.now, kit.now + 1000, "cancelled"));
    kit.advance(1000);
    await purgeAll(kit);
    await gone(kit, job.id);
    assert.deepEqual((await kit.storage.listRevoked({ shard: kit.shard })).tasks, []);
    kit.advance(hour);
    assert.deepEqual((await kit.claim()).tasks, [], "and doesn't come back as due");
    assert.equal((await kit.poll({ limit: 0 })).open, 0);
  });

  check("the jobs whose time was over first go first", async (kit) => {
    const jobs = [3000, 1000, 2000].map((due) => ({ due, blueprint: `b${due}` }));
    for (const { due, blueprint } of jobs) {
      const job = await kit.start({ blueprint });
      await kit.commit(job, end(kit.now, kit.now + due));
    }
    kit.advance(3000);
    const left: string[][] = [];
    for (let call = 0; call < 20; call++) {
      const { jobs: removed, more } = await purge(kit, 1);
      if (removed > 0) left.push((await list(kit)).sort());
      if (!more) break;
    }
    assert.deepEqual(left, [["b2000", "b3000"], ["b3000"], []]);
  });

  check("old dedup records go", async (kit) => {
    for (let n = 0; n < 5; n++) {
      const dedup = { key: `k${n}`, fingerprint: "f", ttlMs: n === 4 ? 10 * hour : hour };
      await kit.storage.createJobs({ shard: kit.shard, jobs: [{ job: newJob(kit.id()), dedup }], lease: null });
    }
    kit.advance(hour);
    assert.equal((await kit.claim()).purgeDue, true);
    assert.deepEqual(await purge(kit, 3), { removed: 3, jobs: 0, more: true });
    assert.deepEqual(await purge(kit, 3), { removed: 1, jobs: 0, more: false });
    const dedup = { key: "k4", fingerprint: "f", ttlMs: hour };
    const again = { shard: kit.shard, jobs: [{ job: newJob(kit.id()), dedup }], lease: null };
    assert.equal((await kit.storage.createJobs(again)).results[0]?.outcome, "existing");
    assert.equal((await kit.claim()).purgeDue, false);
  });

  check("a job that is requeued isn't removed under its engine", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, { ...quarantine(job, kit.now), due: kit.now + 1000 });
    const event = { id: "r", wait: 1, kind: "requeue", state: null, patch: undefined } as const;
    await kit.storage.deliver({ jobId: job.id, event, lease: null });
    kit.advance(5000);
    assert.equal((await purge(kit)).jobs, 0);
    const { job: claimed } = await kit.claimOne();
    assert.equal((await purge(kit)).jobs, 0);
    await kit.commit(claimed, { endedAt: null });
  });

  check("a lane that is empty for long is kept while its task is out", async (kit) => {
    const job = await kit.start();
    const lane = laneOfType("slow", { requirements: { site: 1 }, maxCost: 2, strategy: "cheapest" });
    await kit.commit(job, awaitTask(job, lane, taskItem({ timeoutMs: 100 * hour })));
    const task = await kit.takeOne({ lanes: [lane.id], claim: "c", offerMs: 100 * hour });
    kit.advance(10 * hour);
    await purgeAll(kit);
    assert.deepEqual((await kit.details(job.id)).lanes, [lane]);
    const { tasks } = await kit.poll({ lanes: [lane.id], claim: "c" });
    assert.deepEqual(
      tasks.map(({ type }) => type),
      ["slow"],
    );
    await kit.apply(retried(task, kit.now));
    const seen = await kit.poll({ lanes: [], limit: 0 });
    assert.deepEqual(seen.lanes, [lane], "engines that don't know it any more hear of it again");
    assert.equal((await kit.takeOne({ lanes: [lane.id], worker: "w2" })).attempt, 2);
  });

  check("a lane that went is known again with its next task", async (kit) => {
    await run(kit, "a");
    const before = await kit.poll({ lanes: [] });
    assert.equal(before.lanes.length, 1);
    kit.advance(10 * hour);
    await purgeAll(kit);
    await run(kit, "b");
    const after = await kit.poll({ lanes: [], lanesSeen: 0 });
    assert.deepEqual(after.lanes, before.lanes);
  });

  check("purging an empty store is no error", async (kit) => {
    assert.deepEqual(await purge(kit), { removed: 0, jobs: 0, more: false });
  });
}

async function purge(kit: Kit, limit = 1000): Promise<{ removed: number; jobs: number; more: boolean }> {
  const { removed, jobs, more } = await kit.storage.purge({ shard: kit.shard, limit });
  return { removed, jobs, more };
}

async function purgeAll(kit: Kit): Promise<void> {
  for (let more = true; more; ) ({ more } = await purge(kit));
}

async function gone(kit: Kit, jobId: string): Promise<void> {
  assert.equal((await kit.storage.getJob({ jobId })).found, null);
  assert.equal((await kit.storage.getTask({ address: { jobId, wait: 1, index: 0, attempt: 1 } })).found, null);
}

async function list(kit: Kit): Promise<string[]> {
  const none = { owner: null, status: null, blueprint: null, withoutDiscarded: false, before: null };
  const { jobs } = await kit.storage.listJobs({ shard: kit.shard, ...none, limit: 100 });
  return jobs.map(({ blueprint }) => blueprint);
}

async function run(kit: Kit, blueprint: string): Promise<TaskRecord> {
  const job = await kit.start({ blueprint });
  await kit.commit(job, awaitTask(job));
  const task = await kit.takeOne();
  await kit.apply(succeeded(task));
  return task;
}
