import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Bell } from "#storage/bell";
import { inspectSqlite } from "#storage/sqlite/inspect-sqlite";
import { SqliteStorage, type SqliteStorageOptions } from "#storage/sqlite/sqlite-storage";
import { commit, leaseRequest, newInitial, newJob, singleTask } from "#storage/testkit/builders";

let folder: string;
let path: string;
let opened: SqliteStorage[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "avtomatika-"));
  path = join(folder, "sub", "engine.db");
});
afterEach(async () => {
  for (const storage of opened) await storage.close();
  opened = [];
  rmSync(folder, { recursive: true });
});

async function open(options: SqliteStorageOptions = {}): Promise<SqliteStorage> {
  const storage = new SqliteStorage(path, options);
  await storage.open();
  opened.push(storage);
  return storage;
}

const create = (storage: SqliteStorage, ...ids: string[]) =>
  storage.createJobs({ shard: 0, jobs: ids.map((id) => ({ job: newJob(id), dedup: null })), lease: null });
const ids = async (storage: SqliteStorage) => {
  const all = { owner: null, status: null, blueprint: null, withoutDiscarded: false, before: null, limit: 100 };
  return (await storage.listJobs({ shard: 0, ...all })).jobs.map((job) => job.id).sort();
};
/** Its JSON can't be written, so the call that brings it throws half-way. */
const broken = () => newJob("broken", { initial: newInitial({ data: { big: 1n as unknown as number } }) });

test("a second engine is refused with the path and the remedy, whatever link it comes by", async () => {
  const first = await open();
  symlinkSync(path, join(folder, "link.db"));
  for (const name of [path, join(folder, "link.db")]) {
    const second = new SqliteStorage(name).open();
    await expect(second).rejects.toMatchObject({ code: "store_in_use" });
    await expect(second).rejects.toThrow(new RegExp(`${path} is in use.*Stop the other engine.*Redis`));
  }
  await create(first, "a");
  await first.close();
  expect(await ids(await open())).toEqual(["a"]);
});

test("a file that was made before there were quotas is read, and gets their tables when it is opened", async () => {
  const storage = await open();
  await create(storage, "a");
  await storage.close();
  const db = new DatabaseSync(path);
  db.exec("DROP TABLE charge; DROP TABLE quota; DROP TABLE bucket;");
  db.close();
  expect(inspectSqlite(path).shards[0]).toMatchObject({ charges: [], quotas: [], buckets: [] });
  const again = await open();
  const period = { id: "m", from: 0, to: Number.MAX_SAFE_INTEGER };
  const { charged } = await again.chargeQuota({ shard: 0, owner: "o", period, limit: 1, jobIds: ["b", "c"] });
  expect([await ids(again), charged]).toEqual([["a"], ["b"]]);
});

test("calls of one turn share a commit, and see each other", async () => {
  const storage = await open();
  const before = storage.statistics();
  const [, list] = await Promise.all([create(storage, "a", "b"), ids(storage), create(storage, "c")]);
  expect(list).toEqual(["a", "b"]);
  const after = storage.statistics();
  expect([after.calls - before.calls, after.commits - before.commits]).toEqual([3, 1]);
  await ids(storage);
  expect(storage.statistics().commits).toBe(after.commits);
});

test("a call that throws is undone alone", async () => {
  const storage = await open();
  const jobs = [newJob("undone"), broken()].map((job) => ({ job, dedup: null }));
  const outcomes = await Promise.allSettled([
    create(storage, "a"),
    storage.createJobs({ shard: 0, jobs, lease: null }),
    create(storage, "b"),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await ids(storage)).toEqual(["a", "b"]);
  expect((await storage.countJobs({ shard: 0, owner: null })).counts.pending).toBe(2);
  expect((await storage.countJobs({ shard: 0, owner: "alice" })).ready).toBe(2);
});

test("a failed commit fails its group, rings nothing and leaves nothing behind", async () => {
  let isBroken = false;
  const beforeCommit = () => {
    if (isBroken) throw new Error("disk full");
  };
  const storage = await open({ beforeCommit });
  const bells: Bell[] = [];
  await create(storage, "a");
  storage.listen((bell) => bells.push(bell));
  isBroken = true;
  const outcomes = await Promise.allSettled([create(storage, "b"), create(storage, "c")]);
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "store_unavailable" } });
  }
  isBroken = false;
  expect(bells).toEqual([]);
  expect(await ids(storage)).toEqual(["a"]);
  expect((await storage.countJobs({ shard: 0, owner: null })).counts.pending).toBe(1);
  const { jobs } = await storage.claimJobs({
    shard: 0,
    lease: leaseRequest("c1"),
    dueLimit: 10,
    takeMs: 1000,
    silenceMs: 5000,
  });
  expect(jobs.map(({ job }) => job.id)).toEqual(["a"]);
});

test("the clock never goes back, not even over a restart", async () => {
  let time = 5000;
  const storage = await open({ clock: () => time });
  expect((await storage.listRevoked({ shard: 0 })).now).toBe(5000);
  time = 4000;
  expect((await storage.listRevoked({ shard: 0 })).now).toBe(5000);
  await storage.close();
  const again = await open({ clock: () => time });
  expect((await create(again, "a")).now).toBe(5000);
  time = 6000;
  expect((await create(again, "b")).now).toBe(6000);
});

test("a file keeps everything over a restart", async () => {
  const storage = await open();
  const dedup = { key: "k", fingerprint: "f", ttlMs: 60_000 };
  const made = await storage.createJobs({ shard: 0, jobs: [{ job: newJob("a"), dedup }], lease: leaseRequest("c1") });
  const job = made.leased[0]?.job as (typeof made.leased)[0]["job"];
  await storage.commitStep({ commit: commit(job, { join: singleTask(1), data: { step: 1 } }), lease: null });
  await create(storage, "b");
  const worker = { id: "w1", record: { type: "gpu" }, seenAt: 1, expiresAt: Date.now() + 60_000 };
  await storage.putWorkers({ workers: [worker] });
  const details = await storage.getJob({ jobId: "a" });
  await storage.close();

  const again = await open();
  expect((await again.getJob({ jobId: "a" })).found).toEqual(details.found);
  expect((await again.listWorkers({ since: 0 })).workers).toMatchObject([{ id: "w1", record: { type: "gpu" } }]);
  const other = { job: newJob("other"), dedup };
  const { results } = await again.createJobs({ shard: 0, jobs: [other], lease: null });
  expect(results).toEqual([{ outcome: "existing", jobId: "a" }]);
  expect(await again.countJobs({ shard: 0, owner: null })).toMatchObject({ ready: 1 });
  const poll = { shard: 0, worker: "w1", claim: "t1", lanes: ['["work"]'], limit: 5, capacity: 5, offerMs: 1000 };
  const polled = await again.claimTasks({ ...poll, lanesSeen: 0 });
  expect(polled.tasks.map(({ task }) => task.jobId)).toEqual(["a"]);
  expect(polled.lanes.map((lane) => lane.id)).toEqual(['["work"]']);
});

test("a file that isn't a store, or of a later format, is refused with the remedy", async () => {
  path = join(folder, "engine.db");
  writeFileSync(path, "not a database at all, but long enough to have a header".repeat(40));
  await expect(open()).rejects.toMatchObject({ code: "store_format", message: expect.stringContaining(path) });
  path = join(folder, "foreign.db");
  const foreign = new DatabaseSync(path);
  foreign.exec("CREATE TABLE t (a)");
  foreign.close();
  await expect(open()).rejects.toThrow(/foreign.db is a SQLite file of another program. Name another path/);
  path = join(folder, "later.db");
  await (await open()).close();
  const later = new DatabaseSync(path);
  later.exec("PRAGMA user_version = 99");
  later.close();
  await expect(open()).rejects.toMatchObject({
    code: "store_format",
    message: expect.stringMatching(/format 99.*later/),
  });
});

test("a file that can't be opened is told with its path", async () => {
  path = join(folder, "file", "engine.db");
  writeFileSync(join(folder, "file"), "");
  await expect(open()).rejects.toMatchObject({ code: "store_unavailable", message: expect.stringContaining(path) });
});

test("calls after the end are refused, those before it are written, and it may be closed twice", async () => {
  const storage = await open();
  const last = create(storage, "a");
  await storage.close();
  await storage.close();
  expect((await last).results).toEqual([{ outcome: "created", jobId: "a" }]);
  await expect(create(storage, "b")).rejects.toMatchObject({ code: "store_unavailable" });
  expect(await ids(await open())).toEqual(["a"]);
});

test("the file shrinks when its jobs are purged", async () => {
  let time = 1000;
  const storage = await open({ clock: () => time, synchronous: "NORMAL" });
  const big = newInitial({ data: { text: "x".repeat(20_000) } });
  const jobs = Array.from({ length: 500 }, (_, at) => ({ job: newJob(`j${at}`, { initial: big }), dedup: null }));
  const { leased } = await storage.createJobs({ shard: 0, jobs, lease: leaseRequest("c1", { limit: 500 }) });
  const end = { status: "finished" as const, next: "ended" as const, endedAt: time, due: time };
  await Promise.all(leased.map(({ job }) => storage.commitStep({ commit: commit(job, end), lease: null })));
  await storage.close();
  const full = statSync(path).size;

  time = 2000;
  const again = await open({ clock: () => time, synchronous: "NORMAL" });
  for (let more = true; more; ) ({ more } = await again.purge({ shard: 0, limit: 20 }));
  await again.close();
  expect(statSync(path).size).toBeLessThan(full / 4);
  expect(await ids(await open())).toEqual([]);
});
