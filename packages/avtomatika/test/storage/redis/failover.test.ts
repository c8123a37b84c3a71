// Servers that die, stop or lose their place, and others that take it: calls say that the store is away, and go on by themselves.
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { jobIdIn } from "#core/job-id";
import type { Bell } from "#storage/bell";
import { RedisStorage } from "#storage/redis/redis-storage";
import { newJob } from "#storage/testkit/builders";
import { type RedisCluster, startCluster } from "./redis-cluster.ts";
import { type RedisSentinels, startSentinels } from "./redis-sentinel.ts";
import { askRedis, nativeServer, type RedisServer, startRedis } from "./redis-server.ts";

/** Long enough for a machine with other things to do. */
const patient = { timeout: 60_000, interval: 50 };
const warnings: string[] = [];
const opened: RedisStorage[] = [];
beforeEach(() => void warnings.splice(0));
afterEach(async () => {
  for (const storage of opened.splice(0)) await storage.close();
});

async function open(url: string, options: ConstructorParameters<typeof RedisStorage>[1] = {}) {
  const storage = new RedisStorage(url, { warn: (message) => void warnings.push(message), ...options });
  await storage.open();
  opened.push(storage);
  return storage;
}

/** Repeats a call as an engine does, and tells what it was answered meanwhile. */
async function again<T>(call: () => Promise<T>): Promise<{ answer: T; refusals: string[] }> {
  const refusals: string[] = [];
  for (;;) {
    try {
      return { answer: await call(), refusals };
    } catch (error) {
      expect(error).toMatchObject({ code: "store_unavailable" });
      refusals.push((error as Error).message);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Of a blueprint of its own: only the first ready job of one rings. */
async function create(storage: RedisStorage, shard = 0): Promise<string> {
  const job = newJob(jobIdIn(randomUUID(), shard), { blueprint: randomUUID() });
  await storage.createJobs({ shard, jobs: [{ job, dedup: null }], lease: null });
  return job.id;
}

/** One job in each shard, whatever it takes. */
function createAll(storage: RedisStorage): Promise<string[]> {
  const shards = Array.from({ length: storage.shards }, (_, shard) => shard);
  return Promise.all(shards.map(async (shard) => (await again(() => create(storage, shard))).answer));
}

describe.skipIf(nativeServer === null)("one server", () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedis([
      "--appendonly",
      "yes",
      "--appendfsync",
      "always",
      "--enable-protected-configs",
      "local",
    ]);
  });
  afterEach(() => server.stop());

  test("one that is stopped is away for who waits for it, and back when it is continued", async () => {
    const storage = await open(server.url);
    const id = await create(storage);
    process.kill(server.pid(), "SIGSTOP");
    try {
      const error = await create(storage).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: "store_unavailable",
        message: expect.stringContaining("no answer within") as string,
      });
      await expect(create(storage)).rejects.toMatchObject({ code: "store_unavailable" });
      await expect.poll(() => warnings.join("\n"), patient).toMatch(/is away: no answer within 3 s/);
    } finally {
      process.kill(server.pid(), "SIGCONT");
    }
    expect((await again(() => storage.getJob({ jobId: id }))).answer.found?.job.id).toBe(id);
    await expect.poll(() => warnings.join("\n"), patient).toMatch(/is back after [\d.]+ s/);
    expect(warnings).toHaveLength(2);
  });

  test("a script of somebody else that doesn't end is an absence", async () => {
    const storage = await open(server.url);
    const admin = await askRedis(server.url);
    const other = await askRedis(server.url);
    await admin.ask("CONFIG", "SET", "busy-reply-threshold", "20");
    const endless = other.ask("EVAL", "while true do end", "0").catch(() => {});
    await expect.poll(() => admin.ask("PING").catch(String), patient).toContain("BUSY");
    await expect(create(storage)).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("BUSY") as string,
    });
    expect(warnings).toEqual([expect.stringMatching(/refuses calls, which are repeated: BUSY/)]);
    await admin.ask("SCRIPT", "KILL");
    await endless;
    await create(storage);
    admin.close();
    other.close();
  });

  test("one whose disk is full is away, and reads go on", async () => {
    const storage = await open(server.url);
    const id = await create(storage);
    const admin = await askRedis(server.url);
    // A snapshot that can't be written: no file may have such a name.
    await admin.ask("CONFIG", "SET", "save", "3600 1");
    await admin.ask("CONFIG", "SET", "rdb-key-save-delay", "0");
    await admin.ask("CONFIG", "SET", "dbfilename", "x".repeat(300));
    await admin.ask("BGSAVE");
    await expect
      .poll(async () => String(await admin.ask("INFO", "persistence")), patient)
      .toContain("last_bgsave_status:err");
    await expect(create(storage)).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("MISCONF") as string,
    });
    expect((await storage.getJob({ jobId: id })).found).not.toBe(null);
    await admin.ask("CONFIG", "SET", "dbfilename", "dump.rdb");
    await admin.ask("BGSAVE");
    await again(() => create(storage));
    admin.close();
  });

  test("lines that are killed are opened again", async () => {
    const storage = await open(server.url);
    const admin = await askRedis(server.url);
    for (const type of ["NORMAL", "PUBSUB"]) {
      const heard = new Promise<Bell>((resolve) => storage.listen(resolve));
      await admin.ask("CLIENT", "KILL", "TYPE", type, "SKIPME", "YES");
      await again(() => create(storage));
      if (type === "PUBSUB") expect((await heard).kind).toBe("ready");
    }
    expect(warnings).toEqual([]);
    admin.close();
  });

  test("one that became a replica is refused with the remedy, and told of while it is one", async () => {
    const storage = await open(server.url);
    const admin = await askRedis(server.url);
    await admin.ask("REPLICAOF", "127.0.0.1", "1");
    await expect(new RedisStorage(server.url, { variable: "REDIS_URL" }).open()).rejects.toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(
        /is a replica\. Name the master in REDIS_URL, or the Sentinels in REDIS_SENTINELS/,
      ) as string,
    });
    await expect(create(storage)).rejects.toMatchObject({ code: "store_unavailable" });
    await expect.poll(() => warnings.join("\n"), patient).toMatch(/is away: READONLY.*; 127.0.0.1:\d+ is a replica/);
    admin.close();
  });
});

describe.skipIf(nativeServer === null)("Sentinel", () => {
  let group: RedisSentinels;
  beforeEach(async () => {
    group = await startSentinels();
  }, 60_000);
  afterEach(() => group.stop());

  test("a master that is killed: calls and bells go on with the one that takes its place", async () => {
    const sentinel = { nodes: ["127.0.0.1:1", ...group.sentinels] };
    const storage = await open("redis://sentinels/0", { sentinel });
    const id = await create(storage);
    const [master, ...replicas] = group.servers as [RedisServer, ...RedisServer[]];
    const admin = await askRedis(master.url);
    // What is acknowledged is with both of them.
    expect(await admin.ask("WAIT", "2", "10000")).toBe(2);
    admin.close();
    await master.crash();
    const { answer, refusals } = await again(() => create(storage));
    expect(refusals.length).toBeGreaterThan(0);
    expect(replicas.map(({ port }) => port)).toContain(await group.master());
    for (const job of [id, answer]) expect((await storage.getJob({ jobId: job })).found?.job.id).toBe(job);
    // Bells of another engine, at the new master.
    const other = await open("redis://sentinels/0", { sentinel });
    const heard = new Promise<Bell>((resolve) => storage.listen((bell) => bell.kind === "ready" && resolve(bell)));
    await create(other);
    await heard;
    // The former one comes back as a replica, and nobody minds.
    await master.restart();
    await again(() => create(storage));
    await expect.poll(() => warnings.join("\n"), patient).toMatch(/is back after/);
  }, 90_000);

  test("a name that they don't know, and nobody there, say so", async () => {
    const unknown = new RedisStorage("redis://s", {
      sentinel: { nodes: group.sentinels, name: "jobs" },
      variable: "REDIS_SENTINELS",
    });
    await expect(unknown.open()).rejects.toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(/^REDIS_SENTINELS: the Sentinel .* knows no master called "jobs"/) as string,
    });
    const nobody = new RedisStorage("redis://s", { sentinel: { nodes: ["127.0.0.1:1"] }, variable: "REDIS_SENTINELS" });
    await expect(nobody.open()).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringMatching(
        /^REDIS_SENTINELS: can't reach Redis at redis:\/\/mymaster of the Sentinels 127.0.0.1:1: connect/,
      ) as string,
    });
    expect(() => new RedisStorage("redis://s", { sentinel: { nodes: [] } })).toThrow(
      "sentinel.nodes: expected host:port",
    );
  });
});

describe.skipIf(nativeServer === null)("cluster", () => {
  let cluster: RedisCluster;
  beforeEach(async () => {
    cluster = await startCluster({ nodeTimeoutMs: 1000 });
  }, 60_000);
  afterEach(() => cluster.stop());

  test("a master that is killed: its shards go on at its replica, the others are not disturbed", async () => {
    const storage = await open(cluster.url, { shards: 16 });
    const before = await createAll(storage);
    const lines = await Promise.all(cluster.nodes.slice(0, 3).map(({ url }) => askRedis(url)));
    await Promise.all(lines.map(({ ask }) => ask("WAIT", "1", "10000")));
    await cluster.nodes[0]?.crash();
    const after = await createAll(storage);
    for (const jobId of [...before, ...after]) {
      expect((await again(() => storage.getJob({ jobId }))).answer.found?.job.id).toBe(jobId);
    }
    const other = await open(cluster.nodes[1]?.url as string);
    expect(other.shards).toBe(16);
    const rung = new Set<number>();
    storage.listen((bell) => bell.kind === "ready" && bell.blueprint !== "*" && rung.add(bell.shard));
    await createAll(other);
    await expect.poll(() => rung.size, patient).toBe(16);
    for (const { close } of lines) close();
  }, 90_000);

  test("a slot that moves to another master: no call sees half of it, calls and bells go along", async () => {
    const storage = await open(cluster.url, { shards: 1 });
    const ids = [await create(storage), await create(storage)];
    const lines = await Promise.all(cluster.nodes.slice(0, 3).map(({ url }) => askRedis(url)));
    const slot = String(await lines[0]?.ask("CLUSTER", "KEYSLOT", "{av:0}:meta"));
    const names = await Promise.all(lines.map(async ({ ask }) => String(await ask("CLUSTER", "MYID"))));
    const keysOf = async (at: number) => (await lines[at]?.ask("CLUSTER", "GETKEYSINSLOT", slot, "1000")) as string[];
    const counts = await Promise.all([0, 1, 2].map(async (at) => (await keysOf(at)).length));
    const [from, to] = [counts.findIndex((count) => count > 0), counts.indexOf(0)];
    await lines[to]?.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", names[from] as string);
    await lines[from]?.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", names[to] as string);
    const keys = await keysOf(from);
    const port = String(cluster.nodes[to]?.port);
    const move = (moved: string[]) => lines[from]?.ask("MIGRATE", "127.0.0.1", port, "", "0", "5000", "KEYS", ...moved);
    for (const half of [keys.filter((key) => !key.endsWith("meta")), keys.filter((key) => key.endsWith("meta"))]) {
      await expect(create(storage)).rejects.toMatchObject({ code: "store_unavailable" });
      await move(half);
    }
    await expect(create(storage)).rejects.toMatchObject({ code: "store_unavailable" });
    for (const at of [to, from, 3 - from - to])
      await lines[at]?.ask("CLUSTER", "SETSLOT", slot, "NODE", names[to] as string);
    let heard = 0;
    storage.listen((bell) => {
      if (bell.kind === "ready" && bell.blueprint !== "*") heard += 1;
    });
    ids.push((await again(() => create(storage))).answer);
    for (const jobId of ids) expect((await storage.getJob({ jobId })).found?.job.id).toBe(jobId);
    expect((await storage.countJobs({ shard: 0, owner: null })).counts.pending).toBe(3);
    // The channel may be heard there a moment later than the first call is answered.
    await expect.poll(() => create(storage).then(() => heard), patient).toBeGreaterThan(0);
    for (const { close } of lines) close();
  }, 90_000);

  test("a node that would drop jobs is refused, a replica too", async () => {
    const seed = await askRedis(cluster.url);
    for (const at of [1, 4]) {
      const admin = await askRedis(cluster.nodes[at]?.url as string);
      await admin.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
      const port = cluster.nodes[at]?.port;
      // A node that was silent for a moment is left out of the answer.
      await expect.poll(async () => JSON.stringify(await seed.ask("CLUSTER", "SLOTS")), patient).toContain(`,${port},`);
      await expect(new RedisStorage(cluster.url, { warn: () => {} }).open()).rejects.toMatchObject({
        code: "invalid_config",
        message: expect.stringMatching(
          new RegExp(`^127.0.0.1:${port} of .*its maxmemory-policy is allkeys-lru`),
        ) as string,
      });
      await admin.ask("CONFIG", "SET", "maxmemory-policy", "noeviction");
      admin.close();
    }
    seed.close();
  });
});
