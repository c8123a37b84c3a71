// The memory of a Redis server that a waiting job takes.
import { EngineProcess, type StoreName } from "../support/engine.ts";
import { RedisWatch } from "../support/redis-watch.ts";
import { type Goals, requireSome } from "../support/table.ts";

const inputBytes = 200;
const mostBytes = 3 * 1024;
const clients = 50;

/** Creates jobs of one task that nobody takes, with an input of 200 bytes that the task gets as well. */
export async function weigh(store: StoreName, jobs: number, goals: Goals): Promise<void> {
  const engine = await EngineProcess.start(store);
  const watch = await RedisWatch.open(engine.redisUrl as string);
  const empty = { payload: "" };
  const input = { payload: "x".repeat(inputBytes - JSON.stringify(empty).length) };
  // What the server has once and for all is there before.
  await create(engine, 100, input);
  const before = await watch.usedBytes();
  await create(engine, jobs, input);
  const after = await watch.usedBytes();
  const kinds = await sampleKeys(watch, jobs);
  watch.close();
  await engine.stop();
  const told = kinds.map(([kind, bytes]) => `${kind} ${bytes.toFixed(0)}`).join(", ");
  console.log(`memory of keys that a job has of its own, bytes: ${told}`);
  goals.atMost(
    `bytes of Redis per waiting one-task job with ${inputBytes} bytes of input`,
    (after - before) / jobs,
    mostBytes,
  );
}

/** Resolves when so many more jobs wait for a worker. */
async function create(engine: EngineProcess, jobs: number, input: object): Promise<void> {
  let left = jobs;
  const first = engine.client();
  const begun = await waiting(first);
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = engine.client();
      while (left > 0) {
        left -= 1;
        await client.json("POST", "/api/v1/one", input);
      }
      client.close();
    }),
  );
  const until = performance.now() + 60_000;
  while ((await waiting(first)) < begun + jobs && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  requireSome("jobs that wait for a worker", (await waiting(first)) - begun, jobs);
  first.close();
}

async function waiting(client: ReturnType<EngineProcess["client"]>): Promise<number> {
  const { jobs } = await client.json<{ jobs: Record<string, number> }>("GET", "/api/v1/dashboard");
  return jobs["waiting_for_worker"] ?? 0;
}

/** By the part of the key that says what it is, largest first: the mean of some, where every job has one. */
async function sampleKeys(watch: RedisWatch, jobs: number): Promise<[kind: string, bytes: number][]> {
  const kinds = new Map<string, { keys: number; sampled: number; bytes: number }>();
  for (const key of (await watch.ask("KEYS", "*")) as string[]) {
    const name = key.split(":")[2] ?? "";
    const kind = kinds.get(name) ?? { keys: 0, sampled: 0, bytes: 0 };
    kinds.set(name, kind);
    kind.keys += 1;
    if (kind.sampled === 20) continue;
    kind.sampled += 1;
    kind.bytes += Number(await watch.ask("MEMORY", "USAGE", key));
  }
  const own = [...kinds].filter(([, { keys }]) => keys >= jobs);
  return own.map(([name, { bytes, sampled }]): [string, number] => [name, bytes / sampled]).sort((a, b) => b[1] - a[1]);
}
