import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TaskRecord } from "#core/task";
import { inspectSqlite } from "#storage/sqlite/inspect-sqlite";
import { SqliteStorage } from "#storage/sqlite/sqlite-storage";
import { audit } from "#storage/testkit/audit";
import { judged, succeeded } from "#storage/testkit/builders";
import { Kit } from "#storage/testkit/kit";
import { awaitBranches, end } from "#storage/testkit/steps";

let folder: string;
let path: string;
let opened: SqliteStorage[] = [];
let now = 1_700_000_000_123;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "avtomatika-"));
  path = join(folder, "engine.db");
});
afterEach(async () => {
  for (const storage of opened) await storage.close();
  opened = [];
  rmSync(folder, { recursive: true });
});

/** What another process would find: nothing is known of the file but what stands in it. */
async function open(): Promise<Kit> {
  const storage = new SqliteStorage(path, { clock: () => now, closesAtOnce: 3 });
  await storage.open();
  opened.push(storage);
  return new Kit(storage, now);
}

/** A join that fired while 20 of its branches were out, and the one before last given back. */
async function fire(kit: Kit): Promise<TaskRecord[]> {
  const job = await kit.start();
  await kit.commit(job, awaitBranches(job, [{ count: 21 }], "any"));
  const tasks = await kit.take(21);
  await kit.apply(judged(tasks[19] as TaskRecord, { kind: "return" }));
  await kit.apply(succeeded(tasks[0] as TaskRecord));
  return tasks;
}

async function goOn(kit: Kit): Promise<void> {
  for (let more = true; more; ) ({ moreDue: more } = await kit.claim({ limit: 0 }));
}

test("a join that was being closed goes on being closed by the next process", async () => {
  const first = await open();
  const tasks = await fire(first);
  expect(inspectSqlite(path).shards[0]?.closings).toEqual([{ jobId: tasks[0]?.jobId, wait: 1, at: now, next: 4 }]);
  expect(audit(inspectSqlite(path))).toEqual([]);
  await first.storage.close();
  now += 1000;

  const next = await open();
  expect((await next.poll({ worker: "w2" })).tasks).toEqual([]);
  expect(await next.reason(succeeded(tasks[20] as TaskRecord))).toBe("cancelled");
  await goOn(next);
  const { tasks: revoked } = await next.storage.listRevoked({ shard: 0 });
  expect(revoked).toHaveLength(18);
  expect(inspectSqlite(path).shards[0]?.closings).toEqual([]);
  expect(audit(inspectSqlite(path))).toEqual([]);
  const { job } = await next.claimOne();
  await next.commit(job, end(now, now));
  expect((await next.storage.purge({ shard: 0, limit: 1000 })).jobs).toBe(1);
});

test("a file that was made before there were closings over several calls gets their table when it is opened", async () => {
  const first = await open();
  await first.storage.close();
  const db = new DatabaseSync(path);
  db.exec("DROP TABLE closing;");
  db.close();
  expect(inspectSqlite(path).shards[0]?.closings).toEqual([]);
  const next = await open();
  await fire(next);
  await goOn(next);
  expect((await next.storage.listRevoked({ shard: 0 })).tasks).toHaveLength(19);
});
