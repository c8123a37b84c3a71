// Several engines over one Redis: how long the jobs of a killed one stand still, how long a task born at one engine takes
// to a worker that polls at another, and how the work spreads.
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type RedisServer, startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { Connection } from "../support/connection.ts";
import { EngineProcess } from "../support/engine.ts";
import { type Cell, Goals, printTable, quantile, requireSome } from "../support/table.ts";

const goal = { takeoverMs: 15_000, pollMs: 50 };
/** Of two, three engines that are all idle, each does at least this part of its even share. */
const leastShare = 0.5;
const jobsPerKill = 12;
const killPauseMs = 700;

export async function engines(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { kills: { type: "string", default: "4" }, tasks: { type: "string", default: "500" } },
  });
  const goals = new Goals();
  const redis = await startRedis();
  const taken = await takeover(redis, Number(values.kills));
  printTable(["jobs of killed engines", "median ms", "p99 ms", "longest ms"], [row("taken over", taken)]);
  goals.atMost("from the kill to the end elsewhere, p99 ms", quantile(taken, 0.99), goal.takeoverMs);
  const handed = await acrossEngines(redis, Number(values.tasks));
  printTable(["a task's way, from its creation on", "median ms", "p99 ms", "longest ms"], handed.rows);
  goals.atMost("to a poll at another engine, p99 ms", quantile(handed.elsewhere, 0.99), goal.pollMs);
  const shares: Cell[][] = [];
  for (const count of [2, 3]) shares.push(...(await spread(redis, count, goals)));
  printTable(["who gets the work", "jobs", "shares"], shares);
  await redis.stop();
  const tasks = handed.elsewhere.length;
  console.log(
    `engines: ${values.kills} kills, ${taken.length} jobs taken over, ${tasks} tasks handed, ${goals.summary}`,
  );
}

function row(name: string, times: readonly number[]): Cell[] {
  return [name, quantile(times, 0.5), quantile(times, 0.99), Math.max(...times)];
}

function started(redis: RedisServer): Promise<EngineProcess> {
  return EngineProcess.start("redis", { url: redis.url });
}

/** Each job hangs in a handler of an engine that is killed; its client waits for the end at another one. */
async function takeover(redis: RedisServer, kills: number): Promise<number[]> {
  const [heir, ...victims] = await Promise.all(Array.from({ length: kills + 1 }, () => started(redis)));
  const times: Promise<number[]>[] = [];
  for (const victim of victims) {
    const jobs = await createAll(victim, "stuck", jobsPerKill, {});
    await Promise.all(jobs.map((id) => untilRunning(heir as EngineProcess, id)));
    // At any instant between two prolongations of their leases.
    await setTimeout(killPauseMs);
    times.push(Promise.all(jobs.map((id) => endedAfterKill(heir as EngineProcess, id, victim))));
    victim.kill();
  }
  const all = (await Promise.all(times)).flat();
  requireSome("jobs of killed engines that ended", all.length, kills * jobsPerKill);
  await heir?.stop();
  return all;
}

async function createAll(engine: EngineProcess, endpoint: string, count: number, data: object): Promise<string[]> {
  const client = engine.client();
  const jobs = Array.from({ length: count }, () => data);
  const made = await client.json<{ jobs: { job_id: string }[] }>("POST", `/api/v1/${endpoint}/batch`, { jobs });
  client.close();
  return made.jobs.map(({ job_id }) => job_id);
}

async function untilRunning(engine: EngineProcess, id: string): Promise<void> {
  const client = engine.client();
  for (let status = ""; status !== "running"; ) {
    ({ status } = await client.json<{ status: string }>("GET", `/api/v1/jobs/${id}?fields=status`));
    await setTimeout(10);
  }
  client.close();
}

async function endedAfterKill(engine: EngineProcess, id: string, victim: EngineProcess): Promise<number> {
  const client = engine.client();
  const begun = performance.now();
  const job = await client.json<{ status: string; result: { engine: number } }>("GET", `/api/v1/jobs/${id}?wait=60`);
  const ms = performance.now() - begun;
  client.close();
  if (job.status !== "finished" || job.result.engine === victim.pid) throw new Error(`${id} is ${job.status}`);
  return ms;
}

/** One worker, whose poll is parked when the next job is created: at the same engine, and at another one. */
async function acrossEngines(redis: RedisServer, tasks: number): Promise<{ rows: Cell[][]; elsewhere: number[] }> {
  const [one, two] = (await Promise.all([started(redis), started(redis)])) as [EngineProcess, EngineProcess];
  const elsewhere = await handOut(one, two, tasks);
  const here = await handOut(two, two, tasks);
  requireSome("tasks handed out", elsewhere.length + here.length, 2 * tasks);
  await Promise.all([one.stop(), two.stop()]);
  return {
    rows: [row("to a poll at another engine", elsewhere), row("to a poll at the same engine", here)],
    elsewhere,
  };
}

async function handOut(creator: EngineProcess, desk: EngineProcess, tasks: number): Promise<number[]> {
  const [client, worker] = [creator.client(), new Connection(desk.address, { "x-worker-token": "bench-worker" })];
  const [id, times] = [`w-${creator.pid}-${desk.pid}`, [] as number[]];
  await worker.json("POST", "/_worker/workers/register", { worker_id: id, supported_tasks: ["work"] });
  for (let n = 0; n < tasks; n++) {
    const poll = worker.json<{ job_id: string; task_id: string }>("GET", `/_worker/workers/${id}/tasks/next`);
    await setTimeout(5);
    const begun = performance.now();
    const made = await client.json<{ job_id: string }>("POST", "/api/v1/one", {});
    const task = await poll;
    times.push(performance.now() - begun);
    if (task.job_id !== made.job_id)
      throw new Error(`the task of ${task.job_id} came instead of that of ${made.job_id}`);
    const result = { job_id: task.job_id, task_id: task.task_id, worker_id: id, result: {} };
    await worker.json("POST", "/_worker/tasks/result", result);
  }
  await worker.json("PATCH", `/_worker/workers/${id}`, { status: "offline" });
  client.close();
  worker.close();
  return times;
}

/** Jobs whose handlers wait 50 ms, more than one engine has slots for: created at all engines in turn, and all at one. */
async function spread(redis: RedisServer, count: number, goals: Goals): Promise<Cell[][]> {
  const all = await Promise.all(Array.from({ length: count }, () => started(redis)));
  const rows: Cell[][] = [];
  for (const [how, creators] of [
    ["created at all in turn", all],
    ["created at one", all.slice(0, 1)],
  ] as const) {
    const done = new Map<number, number>(all.map(({ pid }) => [pid, 0]));
    await Promise.all(
      creators.map(async (creator) => {
        const ids = await createAll(creator, "where", 900 / creators.length, { ms: 50 });
        const client = creator.client();
        for (const id of ids) {
          const view = await client.json<{ result: { engine: number } }>("GET", `/api/v1/jobs/${id}?wait=60`);
          done.set(view.result.engine, (done.get(view.result.engine) ?? 0) + 1);
        }
        client.close();
      }),
    );
    const sum = [...done.values()].reduce((a, b) => a + b, 0);
    requireSome("jobs that ended", sum, 900);
    const shares = [...done.values()].map((jobs) => jobs / sum);
    rows.push([`${count} engines, ${how}`, sum, shares.map((share) => `${(share * 100).toFixed(0)} %`).join(", ")]);
    goals.atLeast(`${count} engines, ${how}: least share`, Math.min(...shares), leastShare / count);
  }
  await Promise.all(all.map((engine) => engine.stop()));
  return rows;
}
