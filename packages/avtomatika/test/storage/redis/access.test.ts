// Passwords, rights and TLS, as an engine meets them at its start: by the variables of the environment.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "#config/load-config";
import { storeOf } from "#server/store-of";
import type { Storage } from "#storage/storage";
import { succeeded } from "#storage/testkit/builders";
import { Kit } from "#storage/testkit/kit";
import { awaitTask, end } from "#storage/testkit/steps";
import { askRedis, freePort, nativeServer, type RedisServer, startRedis } from "./redis-server.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const warnings: string[] = [];
let server: RedisServer;
let tlsPort: number;
let admin: Awaited<ReturnType<typeof askRedis>>;

/** What docs/operations/redis.md gives the engine's user. */
const rights = ["~{av:*", "&{av:*", "+@all", "-@dangerous", "-@admin", "+info", "+role", "+config|get"];

async function failure(overrides: Parameters<typeof loadConfig>[0]): Promise<string> {
  const error: unknown = await open(overrides).then(
    () => new Error("it opened"),
    (reason: unknown) => reason,
  );
  expect((error as Error).message).not.toMatch(/secret|wrong-one/);
  return `${(error as { code?: string }).code}: ${(error as Error).message}`;
}

async function open(overrides: Parameters<typeof loadConfig>[0]): Promise<Storage> {
  warnings.length = 0;
  const storage = await storeOf(loadConfig(overrides), (warning) => warnings.push(warning));
  await storage.open?.();
  return storage;
}

describe.skipIf(nativeServer === null)("a server with users and TLS", () => {
  beforeAll(async () => {
    tlsPort = await freePort();
    const files = ["--tls-cert-file", here("tls/server.pem"), "--tls-key-file", here("tls/server.key")];
    const tls = ["--tls-port", String(tlsPort), ...files, "--tls-ca-cert-file", here("tls/ca.pem")];
    server = await startRedis([...tls, "--tls-auth-clients", "no", "--appendonly", "yes"]);
    admin = await askRedis(server.url);
    await admin.ask("ACL", "SETUSER", "engine", "on", ">secret", "resetkeys", "resetchannels", ...rights);
    await admin.ask(
      "ACL",
      "SETUSER",
      "reader",
      "on",
      ">secret",
      "~*",
      "&*",
      "+@read",
      "+@connection",
      "+role",
      "+info",
    );
    await admin.ask("ACL", "SETUSER", "hosted", "on", ">secret", "~*", "&*", "+@all", "-info", "-config");
    await admin.ask("ACL", "SETUSER", "half", "on", ">secret", "~*", "&*", "+@all", "-config");
  });
  afterAll(async () => {
    admin.close();
    await server.stop();
  });
  const at = (user: string, rest = "") => `redis://${user}@127.0.0.1:${server.port}${rest}`;

  test("the documented rights are enough for a job from its creation to its removal", async () => {
    const storage = await open({ redisUrl: at("engine:secret") });
    expect(warnings).toEqual([]);
    const kit = new Kit(storage, Date.now());
    const job = await kit.start();
    await kit.commit(job, awaitTask(job));
    for (const task of await kit.take(1)) await kit.apply(succeeded(task));
    const { job: woken } = await kit.claimOne();
    await kit.commit(woken, end(kit.now, kit.now - 1));
    expect((await storage.purge({ shard: 0, limit: 10 })).jobs).toBe(1);
    await storage.close();
  });

  test("a wrong password, or a user that isn't there", async () => {
    const told =
      /^invalid_config: REDIS_URL: can't use Redis at redis:\/\/127.0.0.1:\d+: WRONGPASS.*Check user and password in REDIS_URL\.$/;
    expect(await failure({ redisUrl: at("engine:wrong-one") })).toMatch(told);
    expect(await failure({ redisUrl: at("nobody:secret") })).toMatch(told);
    expect(await failure({ storageUri: at("nobody:secret") })).toContain("Check user and password in STORAGE_URI.");
  });

  test("no password where one is needed", async () => {
    await admin.ask("ACL", "SETUSER", "default", "resetpass", ">secret");
    const told = await failure({ redisHost: "127.0.0.1", redisPort: server.port });
    expect(told).toMatch(
      /^invalid_config: REDIS_HOST: can't use Redis .*NOAUTH.*Put user and password into REDIS_URL=/,
    );
    expect(await failure({ redisUrl: server.url })).toMatch(/NOAUTH.*Put user and password into REDIS_URL: redis:/);
    await admin.ask("ACL", "SETUSER", "default", "nopass");
  });

  test("a user without the rights", async () => {
    const told =
      /^invalid_config: REDIS_URL: can't use Redis at .*NOPERM.*rights that docs\/operations\/redis.md names\.$/;
    expect(await failure({ redisUrl: at("reader:secret") })).toMatch(told);
  });

  test("a database that the server doesn't have", async () => {
    const told = await failure({ redisUrl: at("engine:secret", "/99") });
    expect(told).toMatch(
      /^invalid_config: REDIS_URL: .*out of range.*Name a database in REDIS_URL that the server has/,
    );
  });

  test("a hosted server that tells nothing about itself is used, with a warning", async () => {
    await (await open({ redisUrl: at("hosted:secret") })).close();
    expect(warnings).toEqual([
      expect.stringMatching(/^version, maxmemory-policy and persistence of .* can't be checked/),
    ]);
    await admin.ask("CONFIG", "SET", "appendonly", "no");
    await (await open({ redisUrl: at("half:secret") })).close();
    expect(warnings).toEqual([
      expect.stringMatching(/has no append-only file, and whether it makes snapshots can't be/),
    ]);
    await admin.ask("CONFIG", "SET", "appendonly", "yes");
  });

  test("a certificate that nobody trusts", async () => {
    const told = await failure({ redisUrl: `rediss://engine:secret@localhost:${tlsPort}` });
    expect(told).toMatch(
      /^invalid_config: REDIS_URL: can't use Redis at rediss:\/\/localhost:\d+: self-signed certificate in/,
    );
    expect(told).toContain("NODE_EXTRA_CA_CERTS");
  });

  test("with NODE_EXTRA_CA_CERTS it is trusted, for the name that it was made for", () => {
    expect(overTls(`rediss://engine:secret@localhost:${tlsPort}/2`)).toBe("created\n");
    expect(overTls(`rediss://engine:secret@127.0.0.1:${tlsPort}`)).toMatch(/^invalid_config.*as its certificate does/);
  });

  test("TLS where the server speaks none, and none where it speaks TLS", async () => {
    const without = await failure({ redisUrl: `rediss://engine:secret@127.0.0.1:${server.port}` });
    expect(without).toMatch(/^(invalid_config|store_unavailable): REDIS_URL: can't (use|reach) Redis at rediss:/);
    const plain = await failure({ redisUrl: `redis://engine:secret@127.0.0.1:${tlsPort}` });
    expect(plain).toMatch(/^store_unavailable: REDIS_URL: can't reach Redis at redis:.*rediss:/);
  });
});

/** In a process of its own, since the variable counts when Node starts. */
function overTls(url: string): string {
  const program = `const { OrchestratorEngine, StateMachineBlueprint, loadConfig } = await import("avtomatika");
const config = loadConfig({ apiHost: "127.0.0.1", apiPort: 0, logLevel: "silent" });
const engine = new OrchestratorEngine({ config });
engine.registerBlueprint(new StateMachineBlueprint({ name: "flow" }).handlerFor("start", { isStart: true }, ({ actions }) => actions.finish(1)));
try {
  await engine.start();
  if (typeof (await engine.createJob("flow", {})) === "string") console.log("created");
  await engine.stop();
} catch (error) {
  console.log(error.code, error.message);
}`;
  const env = { ...process.env, REDIS_URL: url, NODE_EXTRA_CA_CERTS: here("tls/ca.pem"), NODE_NO_WARNINGS: "1" };
  return execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: here("../../../../../"),
    env,
    encoding: "utf8",
    timeout: 60_000,
  });
}
