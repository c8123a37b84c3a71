import assert from "node:assert/strict";
import { freshHead } from "#core/job";
import { newInitial, newJob } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";

const day = 86_400_000;
const dedup = (key: string, fingerprint = "body") => ({ key, fingerprint, ttlMs: day });

/** Storage.createJobs. */
export function checkCreate(check: Check): void {
  check("a new job is pending, ready, and as it was given", async (kit) => {
    const initial = newInitial({ data: { a: [1, { b: null }] }, metadata: { tag: "x" }, dispatchTimeoutMs: 5 });
    const id = await kit.create({ initial, priority: 7, owner: "bob", watched: true });
    const { job, data, initial: stored, join, task, lanes } = await kit.details(id);
    assert.deepEqual(
      { data, stored, join, task, lanes },
      { data: {}, stored: initial, join: null, task: null, lanes: [] },
    );
    const { ready, ...rest } = job;
    assert.notEqual(ready, null);
    const never = { parentId: null, endedAt: null, writer: null, lease: null, wait: null, event: null, closedBy: null };
    const times = { createdAt: kit.now, updatedAt: kit.now, due: null, cancel: null, progress: null };
    const given = { id, blueprint: "flow", owner: "bob", priority: 7, state: "start", watched: true };
    assert.deepEqual(rest, { ...given, ...never, ...times, status: "pending", version: 1, runs: 0, head: freshHead() });
  });

  check("a job that isn't there is found as null", async (kit) => {
    assert.deepEqual(await kit.storage.getJob({ jobId: kit.id() }), { found: null, now: kit.now });
  });

  check("every reply carries the store's clock", async (kit) => {
    kit.advance(5);
    const { now } = await kit.storage.createJobs({ shard: kit.shard, jobs: [], lease: null });
    assert.equal(now, kit.now);
    assert.equal((await kit.claim()).now, kit.now);
  });

  check("a repeated creation changes nothing", async (kit) => {
    const jobs = [{ job: newJob(kit.id()), dedup: dedup("k") }];
    const first = await kit.storage.createJobs({ shard: kit.shard, jobs, lease: null });
    kit.advance(10);
    const again = await kit.storage.createJobs({ shard: kit.shard, jobs, lease: null });
    assert.deepEqual(again.results, first.results);
    assert.equal((await kit.storage.countJobs({ shard: kit.shard, owner: null })).counts.pending, 1);
    assert.equal((await kit.claim()).jobs.length, 1);
  });

  check("a repeated creation leases the same jobs again", async (kit) => {
    const jobs = [1, 2].map(() => ({ job: newJob(kit.id()), dedup: null }));
    const lease = kit.lease();
    const first = await kit.storage.createJobs({ shard: kit.shard, jobs, lease });
    const again = await kit.storage.createJobs({ shard: kit.shard, jobs, lease });
    assert.deepEqual(byId(again.leased), byId(first.leased));
    assert.equal(first.leased.length, 2);
    assert.equal(first.leased[0]?.job.runs, 1);
  });

  check("a key that was used gives the job it made", async (kit) => {
    const id = kit.id();
    const create = (jobId: string, print?: string) =>
      kit.storage.createJobs({
        shard: kit.shard,
        jobs: [{ job: newJob(jobId), dedup: dedup("k", print) }],
        lease: null,
      });
    assert.deepEqual((await create(id)).results, [{ outcome: "created", jobId: id }]);
    assert.deepEqual((await create(kit.id())).results, [{ outcome: "existing", jobId: id }]);
    assert.deepEqual((await create(kit.id(), "other")).results, [{ outcome: "conflict", jobId: id }]);
    assert.equal((await kit.storage.countJobs({ shard: kit.shard, owner: null })).counts.pending, 1);
  });

  check("a key is free again after its time", async (kit) => {
    const create = (jobId: string) =>
      kit.storage.createJobs({ shard: kit.shard, jobs: [{ job: newJob(jobId), dedup: dedup("k") }], lease: null });
    const first = kit.id();
    await create(first);
    kit.advance(day - 1);
    assert.equal((await create(kit.id())).results[0]?.outcome, "existing");
    kit.advance(1);
    const next = kit.id();
    assert.deepEqual((await create(next)).results, [{ outcome: "created", jobId: next }]);
    kit.advance(day - 1);
    assert.deepEqual((await create(kit.id())).results, [{ outcome: "existing", jobId: next }]);
  });

  check("two entries of one batch may share a key", async (kit) => {
    const [a, b, c] = [kit.id(), kit.id(), kit.id()];
    const jobs = [
      { job: newJob(a), dedup: dedup("k") },
      { job: newJob(b), dedup: dedup("k") },
      { job: newJob(c), dedup: dedup("k", "other") },
    ];
    const { results } = await kit.storage.createJobs({ shard: kit.shard, jobs, lease: null });
    assert.deepEqual(
      results.map(({ outcome, jobId }) => [outcome, jobId]),
      [
        ["created", a],
        ["existing", a],
        ["conflict", a],
      ],
    );
  });

  check("creation leases up to the limit", async (kit) => {
    const jobs = [1, 2, 3].map(() => ({ job: newJob(kit.id()), dedup: null }));
    const { leased } = await kit.storage.createJobs({
      shard: kit.shard,
      jobs,
      lease: kit.lease({ limit: 2, ms: 500 }),
    });
    assert.deepEqual(
      leased.map(({ job }) => job.id),
      jobs.slice(0, 2).map(({ job }) => job.id),
    );
    const [first] = leased;
    assert.deepEqual(first?.data, {});
    assert.deepEqual(first?.initial, jobs[0]?.job.initial);
    assert.equal(first?.job.status, "running");
    assert.equal(first?.job.ready, null);
    assert.equal(first?.job.lease?.until, kit.now + 500);
    assert.equal((await kit.claim()).jobs.length, 1);
  });

  check("creation leases nothing while others of the blueprint wait", async (kit) => {
    const waiting = await kit.create();
    await kit.create({ blueprint: "other" });
    const jobs = [{ job: newJob(kit.id()), dedup: null }];
    const { leased } = await kit.storage.createJobs({ shard: kit.shard, jobs, lease: kit.lease() });
    assert.deepEqual(leased, []);
    assert.equal((await kit.claimOne({ limit: 1 })).job.id, waiting);
  });

  check("creation leases no job of a blueprint that the engine doesn't know", async (kit) => {
    const jobs = [{ job: newJob(kit.id(), { blueprint: "strange" }), dedup: null }];
    const { leased } = await kit.storage.createJobs({ shard: kit.shard, jobs, lease: kit.lease() });
    assert.deepEqual(leased, []);
    assert.equal((await kit.claim()).jobs.length, 0);
    assert.equal((await kit.claim({ blueprints: ["strange"] })).jobs.length, 1);
  });

  check("an empty batch is no error", async (kit) => {
    const reply = await kit.storage.createJobs({ shard: kit.shard, jobs: [], lease: kit.lease() });
    assert.deepEqual(reply, { results: [], leased: [], now: kit.now });
  });
}

function byId<T extends { job: { id: string } }>(leased: readonly T[]): T[] {
  return [...leased].sort((a, b) => (a.job.id < b.job.id ? -1 : 1));
}
