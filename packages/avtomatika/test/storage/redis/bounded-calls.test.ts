import { expect, test } from "vitest";
import type { Storage } from "#storage/storage";
import { newJob, succeeded, taskItems } from "#storage/testkit/builders";
import { Kit } from "#storage/testkit/kit";
import { awaitBranches, awaitTask, end } from "#storage/testkit/steps";
import { wrapCalls } from "#storage/wrap/wrap-calls";
import { OwnRedis } from "./own-redis.ts";

const server = new OwnRedis();

/** The most commands that the scripts of one call ran, by method; how often each method ran a script. */
async function measure(body: (kit: Kit) => Promise<void>): Promise<Map<string, number>> {
  const redis = await server.openEmpty();
  const most = new Map<string, number>();
  const counted: Storage = wrapCalls(redis, async ({ method, pass }) => {
    await server.ask("CONFIG", "RESETSTAT");
    const reply = await pass();
    const commands = await countCommands();
    most.set(method, Math.max(most.get(method) ?? 0, commands));
    return reply;
  });
  await body(new Kit(counted, Date.now()));
  await redis.close();
  return most;
}

/** Commands inside of scripts per script, of the calls since the last reset. */
async function countCommands(): Promise<number> {
  const info = String(await server.ask("INFO", "commandstats"));
  let [scripts, inner] = [0, 0];
  for (const [, name = "", calls, failed] of info.matchAll(/^cmdstat_([a-z|]+):calls=(\d+).*failed_calls=(\d+)/gm)) {
    // A script that the server didn't know yet failed before it came as a text.
    if (name.startsWith("eval")) scripts += Number(calls) - Number(failed);
    else if (!/^(config|info|ping)/.test(name)) inner += Number(calls);
  }
  return Math.ceil(inner / Math.max(scripts, 1));
}

/** A fan-out from its creation to its removal, as an engine takes it through. */
function fanOutOf(count: number) {
  return async (kit: Kit) => {
    const job = await kit.start();
    const claim = job.lease?.claim ?? "";
    for (let start = 0; start < count; start += 500) {
      const items = { wait: 1, group: 0, start, items: taskItems(500, start) };
      await kit.storage.stage({ jobId: job.id, claim, once: null, items });
    }
    await kit.commit(job, awaitBranches(job, [{ count, items: null }]));
    for (let done = 0; done < count; done += 50) {
      await kit.settle(...(await kit.take(50)).map((task) => succeeded(task)));
    }
    const { job: woken } = await kit.claimOne();
    for (let from: number | null = 0; from !== null; ) {
      ({ next: from } = await kit.storage.readResults({ jobId: job.id, wait: 1, from, limit: 500 }));
    }
    await kit.commit(woken, end(kit.now, kit.now - 1));
    expect((await kit.storage.purge({ shard: 0, limit: 1000 })).jobs).toBe(1);
  };
}

/** Twice as many commands as any call needed; a simple one takes a server about a microsecond. */
const mostCommands = 4000;

test("a call costs the same, whatever the number of branches", async () => {
  const [few, many] = [await measure(fanOutOf(1000)), await measure(fanOutOf(5000))];
  for (const [method, commands] of many) {
    expect(commands, method).toBeLessThanOrEqual((few.get(method) ?? 0) + 5);
    expect(commands, method).toBeLessThan(mostCommands);
  }
});

test("a call that names many things is made in parts", async () => {
  const most = await measure(async (kit) => {
    const jobs = Array.from({ length: 1000 }, () => ({ job: newJob(kit.id()), dedup: null }));
    await kit.storage.createJobs({ shard: 0, jobs, lease: null });
    const { jobs: leased } = await kit.claim({ limit: 200 });
    const held = leased.map(({ job }) => ({ jobId: job.id, claim: job.lease?.claim ?? "" }));
    const input = { shard: 0, engine: "e1", ms: 1000, confirm: [], checkMs: 1, release: [], silenceMs: 2500 };
    await kit.storage.extendLeases({ ...input, jobs: [...held, ...held, ...held, ...held, ...held] });
    for (const { job } of leased) await kit.commit(job, awaitTask(job));
    const tasks = await kit.take(200);
    await kit.settle(...tasks.map((task) => succeeded(task)), ...tasks.map((task) => succeeded(task)));
    const filter = { owner: null, status: null, blueprint: "none", withoutDiscarded: false, before: null };
    expect((await kit.storage.listJobs({ shard: 0, ...filter, limit: 100 })).jobs).toEqual([]);
  });
  for (const [method, commands] of most) expect(commands, method).toBeLessThan(mostCommands);
});

test("jobs that are created and leased in parts keep to the wish, and a repeat gives the same", async () => {
  const redis = await server.openEmpty();
  const kit = new Kit(redis, Date.now());
  const jobs = Array.from({ length: 250 }, () => ({ job: newJob(kit.id()), dedup: null }));
  const lease = kit.lease({ limit: 120 });
  const first = await redis.createJobs({ shard: 0, jobs, lease });
  expect(first.results).toHaveLength(250);
  expect(first.leased).toHaveLength(120);
  const again = await redis.createJobs({ shard: 0, jobs, lease });
  const ids = (leased: typeof first.leased) => leased.map(({ job }) => job.id);
  expect(ids(again.leased)).toEqual(ids(first.leased));
  await redis.close();
});
