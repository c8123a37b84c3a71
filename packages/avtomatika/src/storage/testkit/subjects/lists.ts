import assert from "node:assert/strict";
import type { JobStatus } from "#core/status";
import type { ListJobs } from "#storage/storage";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitTask, end, quarantine, sleep } from "#storage/testkit/steps";

/** Storage.listJobs and Storage.countJobs. */
export function checkLists(check: Check): void {
  check("an empty store lists and counts nothing", async (kit) => {
    assert.deepEqual(await kit.storage.listJobs(all(kit)), { jobs: [], more: false, now: kit.now });
    const { counts, ready } = await kit.storage.countJobs({ shard: kit.shard, owner: null });
    assert.deepEqual([Object.values(counts).every((count) => count === 0), ready], [true, 0]);
    assert.equal(Object.keys(counts).length, 12, "every status has its number");
  });

  check("jobs are listed newest first, in pages", async (kit) => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) {
      ids.push(await kit.create());
      if (n % 3 === 2) kit.advance(10);
    }
    const seen: string[] = [];
    let before: ListJobs["before"] = null;
    for (let page = 0; page < 3; page++) {
      const { jobs, more } = await kit.storage.listJobs(all(kit, { limit: 3, before }));
      assert.equal(more, page < 2);
      seen.push(...jobs.map(({ id }) => id));
      const last = jobs.at(-1) ?? assert.fail();
      before = { createdAt: last.createdAt, id: last.id };
    }
    assert.deepEqual(seen, ids.reverse(), "by time, then by id");
    const { jobs, more } = await kit.storage.listJobs(all(kit, { before }));
    assert.deepEqual([jobs, more], [[], false]);
  });

  check("a page that takes exactly the rest has no more", async (kit) => {
    for (let n = 0; n < 3; n++) await kit.create();
    const { jobs, more } = await kit.storage.listJobs(all(kit, { limit: 3 }));
    assert.deepEqual([jobs.length, more], [3, false]);
  });

  check("jobs that come and go don't shift a page", async (kit) => {
    const first = await kit.create();
    kit.advance(1);
    const second = await kit.create();
    const { jobs } = await kit.storage.listJobs(all(kit, { limit: 1 }));
    const [last] = jobs;
    assert.equal(last?.id, second);
    kit.advance(1);
    await kit.create();
    const before = { createdAt: last?.createdAt ?? 0, id: last?.id ?? "" };
    assert.deepEqual(ids(await kit.storage.listJobs(all(kit, { before }))), [first]);
  });

  check("lists are filtered by owner, status and blueprint", async (kit) => {
    const a = await kit.create({ owner: "alice", blueprint: "x" });
    const b = await kit.create({ owner: "bob", blueprint: "x" });
    const c = await kit.create({ owner: "bob", blueprint: "y" });
    const run = await kit.start({ owner: "bob", blueprint: "z" });
    assert.deepEqual(ids(await kit.storage.listJobs(all(kit, { owner: "bob" }))), [run.id, c, b]);
    assert.deepEqual(ids(await kit.storage.listJobs(all(kit, { blueprint: "x" }))), [b, a]);
    assert.deepEqual(ids(await kit.storage.listJobs(all(kit, { status: "pending" }))), [c, b, a]);
    assert.deepEqual(ids(await kit.storage.listJobs(all(kit, { status: "running", owner: "bob" }))), [run.id]);
    assert.deepEqual(ids(await kit.storage.listJobs(all(kit, { status: "running", owner: "alice" }))), []);
    assert.deepEqual(ids(await kit.storage.listJobs(all(kit, { owner: "bob", blueprint: "x", status: "pending" }))), [
      b,
    ]);
    const filtered = await kit.storage.listJobs(all(kit, { blueprint: "x", limit: 1 }));
    assert.deepEqual([ids(filtered), filtered.more], [[b], true]);
  });

  check("a list shows the jobs as they are", async (kit) => {
    const job = await kit.start();
    const waiting = await kit.commit(job, awaitTask(job));
    assert.deepEqual((await kit.storage.listJobs(all(kit))).jobs, [waiting]);
  });

  check("discarded jobs may be left out", async (kit) => {
    const kept = await quarantined(kit, null);
    const discarded = await quarantined(kit, 5);
    const status = "quarantined";
    assert.deepEqual(ids(await kit.storage.listJobs(all(kit, { status, withoutDiscarded: true }))), [kept]);
    assert.deepEqual(ids(await kit.storage.listJobs(all(kit, { status }))), [discarded, kept]);
  });

  check("counts are exact, by owner and status", async (kit) => {
    await kit.create({ owner: "alice" });
    await kit.create({ owner: "bob" });
    const count = (owner: string | null) => counted(kit, owner);
    assert.deepEqual(await count(null), { pending: 2, ready: 2 });
    assert.deepEqual(await count("alice"), { pending: 1, ready: 1 });
    const { jobs } = await kit.claim();
    assert.deepEqual(await count(null), { running: 2, ready: 0 });
    const [first, second] = jobs.map(({ job }) => job);
    const asleep = await kit.commit(first ?? assert.fail(), sleep(first ?? assert.fail(), kit.now + 100));
    await kit.commit(second ?? assert.fail(), end(kit.now, null, "failed"));
    assert.deepEqual(await count(null), { sleeping: 1, failed: 1, ready: 0 });
    await kit.storage.cancelJob({ jobId: asleep.id, id: "x", lease: null });
    assert.deepEqual(await count(null), { running: 1, failed: 1, ready: 1 });
    assert.deepEqual(await count(asleep.owner), { running: 1, ready: 1 });
    assert.deepEqual(await count("nobody"), { ready: 0 });
  });

  check("owners with strange names are told apart", async (kit) => {
    const owners = ["__proto__", "", "a|b", "=a", "a", "A", "null", "😀", "a\u0000"];
    const made = new Map<string, string>();
    for (const owner of owners) made.set(owner, await kit.create({ owner }));
    for (const owner of owners) {
      assert.deepEqual(ids(await kit.storage.listJobs(all(kit, { owner }))), [made.get(owner)]);
      assert.deepEqual(await counted(kit, owner), { pending: 1, ready: 1 });
    }
    assert.deepEqual(await counted(kit, null), { pending: owners.length, ready: owners.length });
  });

  check("a list of thousands is complete", async (kit) => {
    const jobs = Array.from({ length: 3000 }, () => kit.id());
    for (let at = 0; at < 3000; at += 100) {
      for (const id of jobs.slice(at, at + 100)) await kit.create({ id });
      kit.advance(at % 300 === 0 ? 1 : 0);
    }
    const seen: string[] = [];
    let before: ListJobs["before"] = null;
    for (let more = true; more; ) {
      const page: { jobs: { id: string; createdAt: number }[]; more: boolean } = await kit.storage.listJobs(
        all(kit, { limit: 700, before }),
      );
      seen.push(...page.jobs.map(({ id }) => id));
      const last = page.jobs.at(-1);
      if (last !== undefined) before = { createdAt: last.createdAt, id: last.id };
      more = page.more;
    }
    assert.deepEqual(seen, jobs.reverse());
  });
}

function all(kit: Kit, over: Partial<ListJobs> = {}): ListJobs {
  const none = { owner: null, status: null, blueprint: null, withoutDiscarded: false, before: null };
  return { shard: kit.shard, ...none, limit: 100, ...over };
}

function ids({ jobs }: { jobs: { id: string }[] }): string[] {
  return jobs.map(({ id }) => id);
}

/** The numbers that aren't 0, and the number of ready jobs. */
async function counted(kit: Kit, owner: string | null): Promise<Partial<Record<JobStatus | "ready", number>>> {
  const { counts, ready } = await kit.storage.countJobs({ shard: kit.shard, owner });
  return { ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)), ready };
}

async function quarantined(kit: Kit, discardedAt: number | null): Promise<string> {
  const job = await kit.start();
  const step = quarantine(job, kit.now);
  const head = { ...(step.head ?? job.head), discardedAt };
  await kit.commit(job, discardedAt === null ? step : { ...end(kit.now), status: "quarantined", head });
  return job.id;
}
