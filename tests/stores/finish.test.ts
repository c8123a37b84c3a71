// The store's file of every format that was ever released is opened, and every job in it is brought to its end.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { SqliteStorage } from "avtomatika";
import { inspectSqlite } from "avtomatika/internal/storage/sqlite/inspect-sqlite";
import { audit } from "avtomatika/internal/storage/testkit/audit";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { type StoredJobs, StoreEngine } from "./engine.ts";
import { kinds, outside } from "./flows.ts";

const fixtures = fileURLToPath(new URL("../fixtures/stores/", import.meta.url));
const formats = readdirSync(fixtures);
const folder = mkdtempSync(join(tmpdir(), "avtomatika-stored-"));
const running: StoreEngine[] = [];

beforeEach(() => {
  outside.isUp = false;
  outside.gate = Promise.withResolvers();
});
afterEach(async () => {
  for (const engine of running.splice(0)) await engine.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("there is a file of the present format, and each says its format", async () => {
  const fresh = join(folder, "fresh.db");
  const storage = new SqliteStorage(fresh);
  await storage.open();
  await storage.close();
  expect(formats).toContain(String(formatOf(fresh)));
  for (const format of formats) expect(String(formatOf(unpack(format)))).toBe(format);
});

test.each(formats)("format %s: each job is where it was, and nothing is lost or left over", async (format) => {
  const path = unpack(format);
  expect(audit(inspectSqlite(path))).toEqual([]);
  const { jobs } = readJobs(format);
  expect(Object.keys(jobs).sort()).toEqual([...kinds].sort());
  const stored = new Map(inspectSqlite(path).shards[0]?.jobs.map((job) => [job.id, job.status]));
  for (const { id, status } of Object.values(jobs)) expect(stored.get(id)).toBe(status);
});

test.each(formats)("format %s: every job ends as it should", { timeout: 60_000 }, async (format) => {
  const path = unpack(format);
  const { madeAt, jobs, held, idempotencyKey, token } = readJobs(format);
  const stored = await StoreEngine.start(path, { from: madeAt });
  running.push(stored);
  const { client } = stored;
  const id = (kind: string): string => jobs[kind]?.id as string;
  outside.isUp = true;
  outside.gate.resolve();

  // Whoever held a task delivers it; the rest is done by somebody who came later.
  for (const task of held) await stored.report(task, "w1", done(task));
  await stored.register("w2", [...kinds, "branch", "many"]);
  const worker = work(stored, () => ["queued", "fan_out", "large_fan_out"].map(id));
  const [child = ""] = (await client.jobs.get(id("parent"))).childJobIds;
  for (const asked of [child, id("human")]) await client.approvals.decide(asked, "yes");
  await client.quarantine.requeue(id("quarantined"), { state: "done" });
  await worker;
  for (const kind of ["leased", "parent", "human", "thrown", "running", "ready", "quarantined"]) {
    expect([kind, (await client.jobs.wait(id(kind))).status]).toEqual([kind, "finished"]);
  }
  // An hour later the timer is over, and the pause before the next attempt.
  stored.clock.advance(3600);
  await stored.register("w2", [...kinds, "branch", "many"]);
  await work(stored, () => [id("delayed"), id("timer")]);

  const views = Object.fromEntries(
    await Promise.all(kinds.map(async (kind) => [kind, await client.jobs.get(id(kind))] as const)),
  );
  const ended = Object.entries(views).map(([kind, view]) => [kind, view.status]);
  expect(Object.fromEntries(ended)).toEqual({
    ...Object.fromEntries(kinds.map((kind) => [kind, "finished"])),
    failed_job: "failed",
    cancelled: "cancelled",
  });
  expect(views["failed_job"]?.errorMessage).toContain("as it should");
  expect(views["fan_out"]?.result).toEqual({ kind: "fan_out", joined: [0, 1, 2, 3] });
  expect(views["large_fan_out"]?.result).toMatchObject({ joined: Array.from({ length: 300 }, (_, n) => n) });
  expect(views["thrown"]?.result).toEqual({ kind: "thrown", token });
  expect(views["parent"]?.result).toMatchObject({ sub_job_result: { outcome: "success" } });

  // The same creation is still the same job, and lists and figures count all of them.
  const again = await client.jobs.create("/finished", {}, { idempotencyKey });
  expect(again).toEqual({ jobId: id("finished"), created: false });
  expect((await client.jobs.list({ limit: 100 })).jobs).toHaveLength(kinds.length + 1);
  await stored.stop();
  running.pop();
  expect(audit(inspectSqlite(path))).toEqual([]);
});

/** Does every task that comes until all of these jobs have ended. */
async function work(stored: StoreEngine, jobs: () => string[]): Promise<void> {
  const { client } = stored;
  let left = jobs();
  while (left.length > 0) {
    const task = await stored.take("w2");
    if (task !== undefined) await stored.report(task, "w2", done(task));
    else {
      const views = await Promise.all(left.map((job) => client.jobs.get(job)));
      left = views.filter(({ endedAt }) => endedAt === null).map((view) => view.id);
    }
  }
}

function done({ params }: { params: { n?: number } }): object {
  return { status: "success", data: { n: params.n ?? -1 } };
}

function unpack(format: string): string {
  const path = join(folder, `${format}-${crypto.randomUUID()}.db`);
  writeFileSync(path, gunzipSync(readFileSync(join(fixtures, format, "store.db.gz"))));
  return path;
}

function readJobs(format: string): StoredJobs {
  return JSON.parse(readFileSync(join(fixtures, format, "jobs.json"), "utf8")) as StoredJobs;
}

function formatOf(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare("PRAGMA user_version").get() as { user_version: number };
  db.close();
  return row.user_version;
}
