// The command line on Redis: engines that share a store.
import { Worker } from "@avtomatika/worker";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { call, Folder } from "../cli/program.ts";
import { silent } from "../worker-sdk/employ.ts";

const folder = new Folder();
const workers: Worker[] = [];
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
});
afterAll(() => redis.stop());

folder.write(
  "flow.ts",
  `import { StateMachineBlueprint } from "avtomatika";
const named = (name) => new StateMachineBlueprint({ name, apiVersion: "v1", apiEndpoint: "/" + name });
export const tasks = named("tasks");
tasks.handlerFor("start", { isStart: true }, ({ actions }) =>
  actions.dispatchTask({ taskType: "double", params: { n: 21 }, transitions: { success: "end" } }));
tasks.handlerFor("end", { isEnd: true }, ({ data, stateHistory }) => ({ by: process.env.INSTANCE_ID, ...stateHistory }));
`,
);

function start(instanceId: string, env: Record<string, string> = {}) {
  return folder.start(["start", "flow.ts", "--port", "0", "--host", "127.0.0.1"], { INSTANCE_ID: instanceId, ...env });
}

test("a job goes from one engine through a worker of another to its end, and each shows it", async () => {
  // The same database by either way to name it.
  const named = { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(redis.port), REDIS_DB: "1" };
  const [first, second] = [start("first", { STORAGE_URI: `${redis.url}/1` }), start("second", named)];
  const [one, two] = await Promise.all([first.url, second.url]);
  const worker = new Worker({ orchestratorUrl: two, token: "secure-worker-token", workerId: "w", logger: silent });
  workers.push(worker);
  worker.task("double", ({ n }: { n: number }) => ({ doubled: n * 2 }));
  await worker.start();
  const done = await call("POST", `${one}/api/v1/tasks?wait=20`, {});
  expect(done).toMatchObject({ status: "finished" });
  expect(JSON.stringify(done)).toContain("42");
  const seen = await call("GET", `${two}/api/v1/jobs/${done.id}`);
  expect(seen).toMatchObject({ status: "finished" });
});
