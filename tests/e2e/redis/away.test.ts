// An engine whose Redis is gone: it says so once, and can be stopped all the same.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { call, Folder } from "../cli/program.ts";

const folder = new Folder();
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

folder.write(
  "flow.ts",
  `import { StateMachineBlueprint } from "avtomatika";
export const flow = new StateMachineBlueprint({ name: "flow", apiVersion: "v1", apiEndpoint: "/flow" });
flow.handlerFor("start", { isStart: true }, ({ actions }) => actions.sleep({ seconds: 1000 }, "end"));
flow.handlerFor("end", { isEnd: true }, () => {});
`,
);

test("a stop doesn't wait for a Redis that is away", { timeout: 60_000 }, async () => {
  const args = ["start", "flow.ts", "--port", "0", "--host", "127.0.0.1", "--storage", redis.url];
  const engine = folder.start(args);
  await call("POST", `${await engine.url}/api/v1/flow`, {});
  await redis.crash();
  await engine.told("doesn't answer");
  engine.child.kill("SIGTERM");
  const { code, stderr } = await engine.end;
  expect(code).toBe(0);
  expect(stderr).toContain("the engine has stopped");
  expect(stderr.split("everything goes on when it does")).toHaveLength(2);
  expect(stderr).not.toMatch(/"level":50/);
});
