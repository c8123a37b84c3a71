// npm run test:fsync -- [--kills N]: a Redis that dies under load with each setting of appendfsync, and what is missing.
import { randomUUID } from "node:crypto";
import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { audit } from "avtomatika/internal/storage/testkit/audit";
import { newJob } from "avtomatika/internal/storage/testkit/builders";
import { RedisStorage } from "avtomatika/redis";
import { askRedis, type RedisServer, startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { pause } from "../kill/http-caller.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "10" } } });
const kills = Number(values.kills);
const callers = 8;
/** Redis lets what it writes be at most so old before it is synced with `everysec`: then it waits, in milliseconds. */
const oldestMs = 2000;

interface Missing {
  acknowledged: number;
  missing: number;
  /** Of these, what was acknowledged before the file had the length that it was cut to. */
  older: number;
  orphans: number;
}

/** Jobs that are created until the end, with the time of the acknowledgement. */
async function load(storage: RedisStorage, acknowledged: Map<string, number>, state: { isOver: boolean }) {
  while (!state.isOver) {
    const job = newJob(`${randomUUID().slice(0, -3)}000`);
    const created = storage.createJobs({ shard: 0, jobs: [{ job, dedup: null }], lease: null });
    const isCreated = await created.then(
      () => true,
      () => false,
    );
    if (isCreated) acknowledged.set(job.id, performance.now());
    else await pause(5);
  }
}

async function appendOnlyFile({ url }: RedisServer): Promise<string> {
  const { ask, close } = await askRedis(url);
  const { dir } = (await ask("CONFIG", "GET", "dir")) as { dir: string };
  close();
  const folder = join(dir, "appendonlydir");
  return join(folder, readdirSync(folder).find((name) => name.endsWith(".incr.aof")) as string);
}

/**
 * Kills a server under load. A kill of the process leaves what it wrote to the system. The death of the machine takes
 * what was not synced: it is played by cutting the file to its length of `oldestMs` ago, the worst there can be.
 */
async function kill(setting: string, dies: "process" | "machine"): Promise<Missing> {
  const server = await startRedis(["--appendonly", "yes", "--appendfsync", setting]);
  const storage = new RedisStorage(server.url, { warn: () => {} });
  await storage.open();
  const file = await appendOnlyFile(server);
  const acknowledged = new Map<string, number>();
  const state = { isOver: false };
  const loads = Array.from({ length: callers }, () => load(storage, acknowledged, state));
  await pause(300 + Math.random() * 700);
  const [length, at] = [statSync(file).size, performance.now()];
  if (dies === "machine") await pause(oldestMs);
  await server.crash();
  state.isOver = true;
  await Promise.all(loads);
  await storage.close();
  if (dies === "machine") truncateSync(file, length);
  await server.restart();
  const after = new RedisStorage(server.url, { warn: () => {} });
  await after.open();
  const dump = await after.inspect();
  await after.close();
  await server.stop();
  const there = new Set(dump.shards[0]?.jobs.map(({ id }) => id));
  const missing = [...acknowledged].filter(([id]) => !there.has(id));
  const older = missing.filter(([, when]) => when < at);
  return { acknowledged: acknowledged.size, missing: missing.length, older: older.length, orphans: audit(dump).length };
}

let failed = false;
for (const [setting, dies] of [
  ["always", "process"],
  ["everysec", "process"],
  ["everysec", "machine"],
] as const) {
  const sum: Missing = { acknowledged: 0, missing: 0, older: 0, orphans: 0 };
  for (let count = 0; count < kills; count++) {
    const one = await kill(setting, dies);
    for (const key of Object.keys(sum) as (keyof Missing)[]) sum[key] += one[key];
  }
  const mustBeNone = dies === "process" ? sum.missing : sum.older;
  const isVoid = sum.acknowledged === 0 || (dies === "machine" && sum.missing === 0);
  failed ||= mustBeNone > 0 || sum.orphans > 0 || isVoid;
  console.log(
    `fsync: ${setting}, the ${dies} dies: times ${kills}, acknowledged ${sum.acknowledged}, missing ${sum.missing}, of these older than ${oldestMs} ms ${sum.older}, orphans ${sum.orphans}`,
  );
}
process.exit(failed ? 1 : 0);
