import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteStorage } from "#storage/sqlite/sqlite-storage";
import { leaseRequest, succeeded } from "#storage/testkit/builders";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "avtomatika-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a killed engine's file opens at once, and its jobs are taken over", async () => {
  const path = join(folder, "engine.db");
  const victim = spawn(process.execPath, [fileURLToPath(new URL("./sqlite-victim.ts", import.meta.url)), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(victim.stdout, "data");
  const storage = new SqliteStorage(path);
  await expect(storage.open()).rejects.toMatchObject({ code: "store_in_use" });

  victim.kill("SIGKILL");
  await once(victim, "exit");
  await storage.open();
  const { jobs } = await storage.claimJobs({
    shard: 0,
    lease: leaseRequest("c2"),
    dueLimit: 10,
    takeMs: 1000,
    silenceMs: 5000,
  });
  expect(jobs.map(({ job }) => [job.id, job.runs])).toEqual([["b", 2]]);

  // The worker lives on: its lease of an hour stands.
  const { found } = await storage.getTask({ address: { jobId: "a", wait: 1, index: 0, attempt: 1 } });
  expect(found?.task).toMatchObject({ state: "offered", worker: "w1" });
  const settlements = [succeeded(found?.task as NonNullable<NonNullable<typeof found>["task"]>)];
  const { results } = await storage.settleTasks({ shard: 0, settlements, lease: null });
  expect(results).toEqual([{ outcome: "applied", answer: "success", single: true }]);
  await storage.close();
});
