import { once } from "node:events";
import { connect as connectTo, createServer } from "node:net";
import { createClient } from "@redis/client";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Bell } from "#storage/bell";
import { RedisStorage } from "#storage/redis/redis-storage";
import { laneOfType, newJob, succeeded, taskItems } from "#storage/testkit/builders";
import { Kit } from "#storage/testkit/kit";
import { awaitBranches, awaitTask, end } from "#storage/testkit/steps";
import { nativeServer, type RedisServer, startRedis } from "./redis-server.ts";

let server: RedisServer;
let admin: Awaited<ReturnType<typeof connect>>;
const opened: RedisStorage[] = [];

beforeEach(async () => {
  server = await startRedis();
  admin = await connect(server.url);
});
afterEach(async () => {
  for (const storage of opened.splice(0)) await storage.close();
  admin.destroy();
  await server.stop();
});

async function connect(url: string) {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on("error", () => {});
  await client.connect();
  return client;
}
function ask(...command: string[]): Promise<unknown> {
  return admin.sendCommand(command);
}
async function open(options: ConstructorParameters<typeof RedisStorage>[1] = {}, url = server.url) {
  const storage = new RedisStorage(url, { warn: () => {}, ...options });
  await storage.open();
  opened.push(storage);
  return storage;
}

test("a server that would drop jobs is refused, with the remedy", async () => {
  await ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
  await expect(open()).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringMatching(/allkeys-lru.*CONFIG SET maxmemory-policy noeviction/) as string,
  });
});

test.skipIf(nativeServer === null)("a server that keeps nothing on disk is worth a warning", async () => {
  const warnings: string[] = [];
  await open({ warn: (message) => warnings.push(message) });
  expect(warnings).toEqual([expect.stringContaining("keeps nothing on disk")]);
  await ask("CONFIG", "SET", "save", "3600 1");
  await open({ warn: (message) => warnings.push(message) });
  expect(warnings.splice(0)[1]).toContain("only makes snapshots");
  await ask("CONFIG", "SET", "save", "", "appendonly", "yes");
  await open({ warn: (message) => warnings.push(message) });
  expect(warnings).toEqual([]);
});

test("a store of a later release is refused, and left as it is", async () => {
  await open();
  await ask("HSET", "{av:0}:meta", "format", "99");
  await expect(open()).rejects.toMatchObject({
    code: "store_format",
    message: expect.stringMatching(/format 99.*reads up to 1/) as string,
  });
});

test("the number of shards is that of the first start", async () => {
  expect((await open({ shards: 16 })).shards).toBe(16);
  const second = await open({ shards: 2 });
  expect(second.shards).toBe(16);
  const kit = new Kit(second, Date.now());
  expect((await kit.job(await kit.create())).id).toMatch(/00f$/);
  expect(() => new RedisStorage(server.url, { shards: 0 })).toThrow("shards: expected a whole number from 1 to 4096");
});

test("a line that breaks at the first question: the store is away", async () => {
  const proxy = createServer((client) => {
    const line = connectTo(server.port, "127.0.0.1");
    client.on("data", (data) => (data.includes("everything") ? client.resetAndDestroy() : line.write(data)));
    line.on("data", (data) => client.write(data));
    for (const socket of [client, line]) socket.on("error", () => {});
    client.on("close", () => line.destroy());
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as { port: number };
  await expect(open({}, `redis://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: "store_unavailable",
    message: expect.stringContaining(`can't reach Redis at redis://127.0.0.1:${port}`) as string,
  });
  proxy.close();
});

test("a line whose answers vanish is thrown away, though calls keep being written to it", async () => {
  let isDeaf = false;
  const proxy = createServer((client) => {
    const line = connectTo(server.port, "127.0.0.1");
    client.on("data", (data) => line.write(data));
    line.on("data", (data) => {
      if (!isDeaf) client.write(data);
    });
    for (const socket of [client, line]) socket.on("error", () => {});
    client.on("close", () => line.destroy());
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as { port: number };
  const storage = await open({}, `redis://127.0.0.1:${port}`);
  isDeaf = true;
  const written = setInterval(() => void storage.countJobs({ shard: 0, owner: null }).catch(() => {}), 200);
  await expect(storage.countJobs({ shard: 0, owner: null })).rejects.toMatchObject({ code: "store_unavailable" });
  clearInterval(written);
  isDeaf = false;
  proxy.close();
});

test("nobody at the address: the error names it, without the password", async () => {
  await server.stop();
  const storage = new RedisStorage(`redis://user:secret@127.0.0.1:${server.port}/3`);
  const error = (await storage.open().catch((reason: unknown) => reason)) as Error;
  expect(error).toMatchObject({ code: "store_unavailable" });
  expect(error.message).toContain(`redis://127.0.0.1:${server.port}/3`);
  expect(error.message).not.toContain("secret");
});

test("databases of one server are stores of their own, bells too", async () => {
  const [first, second] = [await open({}, `${server.url}/1`), await open({}, `${server.url}/2`)];
  const heard: Bell[] = [];
  second.listen((bell) => heard.push(bell));
  const kit = new Kit(first, Date.now());
  await kit.create();
  const other = new Kit(second, Date.now());
  expect(await other.bells()).toEqual([]);
  expect((await first.countJobs({ shard: 0, owner: null })).counts.pending).toBe(1);
  expect((await second.countJobs({ shard: 0, owner: null })).counts.pending).toBe(1);
  expect(heard.map((bell) => bell.kind)).toEqual(["ready"]);
});

test("engines hear each other's bells", async () => {
  const [first, second] = [await open(), await open()];
  const kit = new Kit(second, Date.now());
  await first.createJobs({ shard: 0, jobs: [{ job: newJob(kit.id()), dedup: null }], lease: null });
  expect(await kit.rung("ready")).toEqual([{ kind: "ready", shard: 0, blueprint: "flow" }]);
});

test("a server that forgot the scripts learns them again", async () => {
  const kit = new Kit(await open(), Date.now());
  await kit.create();
  await ask("SCRIPT", "FLUSH");
  await kit.create();
  expect((await kit.claim()).jobs).toHaveLength(2);
});

test("a full memory is an absence, reads go on, and a purge makes room", async () => {
  const kit = new Kit(await open(), Date.now());
  const job = await kit.start();
  await kit.commit(job, { ...end(kit.now, kit.now - 1), data: { text: "x".repeat(2_000_000) } });
  await ask("CONFIG", "SET", "maxmemory", "1000000");
  await expect(kit.create()).rejects.toMatchObject({ code: "store_unavailable" });
  await expect(kit.claim()).rejects.toMatchObject({ code: "store_unavailable" });
  expect((await kit.details(job.id)).job.status).toBe("finished");
  expect((await kit.storage.purge({ shard: 0, limit: 10 })).jobs).toBe(1);
  await ask("CONFIG", "SET", "maxmemory", "0");
  expect((await kit.storage.getJob({ jobId: job.id })).found).toBe(null);
});

test("a server that became a replica is away", async () => {
  const kit = new Kit(await open(), Date.now());
  await ask("REPLICAOF", "127.0.0.1", "1");
  await expect(kit.create()).rejects.toMatchObject({ code: "store_unavailable" });
  await ask("REPLICAOF", "NO", "ONE");
  await expect.poll(() => kit.create().catch(() => null)).not.toBe(null);
});

test("a server that dies: calls say so at once, and after its return all goes on, with every bell", async () => {
  const storage = await open();
  const kit = new Kit(storage, Date.now());
  const job = await kit.start();
  await kit.commit(job, awaitTask(job));
  const heard: Bell[] = [];
  const rang = new Promise<void>((resolve) => {
    storage.listen((bell) => {
      heard.push(bell);
      if (heard.some(({ kind }) => kind === "due") && heard.some(({ kind }) => kind === "workers")) resolve();
    });
  });
  const calls = Array.from({ length: 20 }, () => kit.storage.countJobs({ shard: 0, owner: null }));
  const answers = Promise.allSettled(calls);
  await server.crash();
  for (const call of await answers) {
    if (call.status === "rejected") expect(call.reason).toMatchObject({ code: "store_unavailable" });
  }
  await expect(kit.create()).rejects.toMatchObject({ code: "store_unavailable" });
  heard.splice(0);
  await server.restart();
  await rang;
  expect(heard.map(({ kind }) => kind)).toContain("ready");
  await expect.poll(() => kit.create().catch(() => null)).not.toBe(null);
});

test("a line that was cut rings the lanes that have tasks", async () => {
  const storage = await open();
  const kit = new Kit(storage, Date.now());
  const job = await kit.start();
  await kit.commit(job, awaitTask(job, laneOfType("resize", { maxCost: 2 })));
  await kit.bells();
  const rang = new Promise<Bell>((resolve) => {
    storage.listen((bell) => bell.kind === "lane" && resolve(bell));
  });
  await ask("CLIENT", "KILL", "TYPE", "pubsub");
  expect(await rang).toEqual({ kind: "lane", shard: 0, lane: laneOfType("resize", { maxCost: 2 }), version: 1 });
});

test("after a purge nothing of a job is left", async () => {
  const kit = new Kit(await open(), Date.now());
  const job = await kit.start();
  await kit.commit(job, awaitBranches(job, [{ count: 30 }], "any"));
  const empty = new Set(["meta", "lanes", "lane", "laneEmpty", "standing", "standingDays"]);
  const tasks = await kit.take(5);
  const staged = { wait: 7, group: 0, start: 0, items: taskItems(3) };
  for (const task of tasks.slice(0, 1)) await kit.apply(succeeded(task));
  const { job: woken } = await kit.claimOne();
  const claim = woken.lease?.claim ?? "";
  await kit.storage.stage({ jobId: job.id, claim, items: staged, once: { visit: 1, name: "n", value: 1 } });
  await kit.commit(woken, end(kit.now, kit.now - 1));
  expect((await kit.storage.purge({ shard: 0, limit: 1000 })).jobs).toBe(1);
  const kinds = (await admin.keys("*")).map((key) => /^\{av:0\}:(\w+)/.exec(key)?.[1] ?? key);
  expect(kinds.filter((kind) => !empty.has(kind))).toEqual([]);
});
