// npm run release:store: a store's file as this release writes it, with a job in every kind of wait, copied while its
// engine runs. Kept for good: tests/stores/finish.test.ts opens it with every later release.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { backUpSqlite } from "avtomatika/internal/storage/sqlite/back-up";
import { inspectSqlite } from "avtomatika/internal/storage/sqlite/inspect-sqlite";
import { type HeldTask, type StoredJobs, StoreEngine } from "./engine.ts";
import { outside } from "./flows.ts";

const fixtures = fileURLToPath(new URL("../fixtures/stores/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "avtomatika-store-"));
const path = join(folder, "engine.db");
const idempotencyKey = "the key of a finished job";

try {
  // One slot: while the job `running` has it, `ready` stays ready.
  const stored = await StoreEngine.start(path, { from: Date.UTC(2026, 0, 1), slots: 1 });
  const made = await make(stored);
  const copy = join(folder, "copy.db");
  backUpSqlite(path, copy);
  keep(copy, made);
  outside.gate.resolve();
  await stored.stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function make(stored: StoreEngine): Promise<StoredJobs> {
  const { client } = stored;
  const jobs: StoredJobs["jobs"] = {};
  const held: HeldTask[] = [];
  /** Creates a job and waits until it is where it belongs. */
  const create = async (kind: string, status: string, options: { idempotencyKey?: string } = {}): Promise<string> => {
    const { jobId } = await client.jobs.create(`/${kind}`, {}, options);
    await known(async () => (await client.jobs.get(jobId)).status === status);
    jobs[kind] = { id: jobId, status };
    return jobId;
  };
  await stored.register("w1", ["leased", "delayed", "quarantined", "branch", "many"]);

  await create("finished", "finished", { idempotencyKey });
  await create("failed_job", "failed");
  const cancelled = await create("cancelled", "sleeping");
  await client.jobs.cancel(cancelled);
  jobs["cancelled"] = { id: cancelled, status: "cancelled" };

  for (const [kind, code, status] of [
    ["delayed", "TRANSIENT_ERROR", "awaiting_retry"],
    ["quarantined", "PERMANENT_ERROR", "quarantined"],
  ] as const) {
    const id = await create(kind, "waiting_for_worker");
    await stored.report(await takeOne(stored), "w1", { status: "failure", error: { code, message: "as it should" } });
    await known(async () => (await client.jobs.get(id)).status === status);
    jobs[kind] = { id, status };
  }
  await create("leased", "waiting_for_worker");
  held.push(await takeOne(stored));
  for (const kind of ["fan_out", "large_fan_out"]) {
    await create(kind, "waiting_for_parallel_tasks");
    for (let count = 0; count < 2; count++) {
      const task = await takeOne(stored);
      await stored.report(task, "w1", { status: "success", data: { n: task.params.n } });
    }
    held.push(await takeOne(stored));
  }
  await create("queued", "waiting_for_worker");
  const parent = await create("parent", "waiting_for_sub_job");
  await known(async () => {
    const [child = ""] = (await client.jobs.get(parent)).childJobIds;
    return (await client.jobs.get(child)).status === "waiting_for_human";
  });
  await create("human", "waiting_for_human");
  await create("timer", "sleeping");
  // Until then they are offers, that a next engine takes back.
  await known(() => tasksOf("leased").length === held.length);
  await create("thrown", "awaiting_retry");
  await create("running", "running");
  await create("ready", "pending");
  return { madeAt: Math.ceil(stored.clock.now()), jobs, held, idempotencyKey, token: readToken() };
}

function tasksOf(state: string): unknown[] {
  return inspectSqlite(path).shards[0]?.tasks.filter((task) => task.state === state) ?? [];
}

async function takeOne(stored: StoreEngine): Promise<HeldTask> {
  for (;;) {
    const task = await stored.take("w1");
    if (task !== undefined) return task;
  }
}

async function known(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

function readToken(): string {
  const db = new DatabaseSync(path, { readOnly: true });
  const { body } = db.prepare("SELECT body FROM once").get() as { body: string };
  db.close();
  return JSON.parse(body) as string;
}

function keep(file: string, made: StoredJobs): void {
  const db = new DatabaseSync(file, { readOnly: true });
  const { user_version: format } = db.prepare("PRAGMA user_version").get() as { user_version: number };
  db.close();
  const target = join(fixtures, String(format));
  mkdirSync(target, { recursive: true });
  const packed = gzipSync(readFileSync(file), { level: 9 });
  writeFileSync(join(target, "store.db.gz"), packed);
  writeFileSync(join(target, "jobs.json"), `${JSON.stringify(made, null, 2)}\n`);
  console.log(`store format ${format}: ${Object.keys(made.jobs).length} jobs, ${packed.length} bytes`);
}
