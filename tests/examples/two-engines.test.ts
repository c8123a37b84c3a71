// examples/README.md does what it says: its `bash` blocks are run as they stand against a Redis of the test's own, and
// what each prints is held against the `json` block that follows.
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { blocksOf, runCurlBlocks } from "../../scripts/release/readme.ts";

const file = fileURLToPath(new URL("../../examples/README.md", import.meta.url));
const readme = readFileSync(file, "utf8");
let folder = "";
let redis: RedisServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "avtomatika-two-engines-"));
  // As in a clone: the blocks call programs by node_modules/.bin.
  symlinkSync(join(dirname(file), "../node_modules"), join(folder, "node_modules"), "dir");
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("two engines on Redis: one is killed, and the other ends its job", { timeout: 60_000 }, async () => {
  const where = { cwd: folder, env: { ...process.env, REDIS_URL: redis.url } };
  const { printed, told } = await runCurlBlocks(blocksOf(readme), where);
  expect(told).toHaveLength(6);
  expect(printed).toEqual(told);
  expect(printed.at(-1)).toMatchObject({ status: "finished", result: { engine: "B" } });
  expect(existsSync(join(folder, "two-engines"))).toBe(false);
});

test("every local link leads somewhere", () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)[)#]/g)].map(([, path = ""]) => path);
  expect(links.length).toBeGreaterThan(2);
  expect(links.filter((path) => !existsSync(join(dirname(file), path)))).toEqual([]);
});
