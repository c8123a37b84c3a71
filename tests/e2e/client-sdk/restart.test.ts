import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AvtomatikaClient } from "@avtomatika/client";
import { expect, onTestFinished, test } from "vitest";
import type { Death } from "./engine-process.ts";

const program = fileURLToPath(new URL("engine-process.ts", import.meta.url));
const token = "client-secret-of-the-test";

test.each<Death>(["before the commit", "before the answer"])(
  "the engine dies %s of a creation and comes back: the creation comes through exactly once",
  async (death) => {
    const { client, died, restart } = await startEngine(death);
    const creating = client.jobs.create("/sleeper", { n: 1 });
    await died;
    await restart();
    const { jobId, created } = await creating;
    expect(created).toBe(true);
    const { jobs } = await client.jobs.list();
    expect(jobs.map((job) => job.jobId)).toEqual([jobId]);
  },
);

test.each<Death>(["before the commit", "before the answer"])(
  "the engine dies %s of a batch and comes back: each of its creations comes through exactly once",
  async (death) => {
    const { client, died, restart } = await startEngine(death);
    const creating = Promise.all(Array.from({ length: 100 }, (_, n) => client.jobs.create("/sleeper", { n })));
    await died;
    await restart();
    const ids = (await creating).map(({ jobId }) => jobId);
    const { jobs, nextCursor } = await client.jobs.list({ limit: 1000 });
    expect(jobs.map(({ jobId }) => jobId).sort()).toEqual(ids.sort());
    expect(nextCursor).toBeNull();
  },
);

test.each<Death>(["before the commit", "before the answer"])(
  "the engine dies %s of a run and comes back: the run goes on to the job's end",
  async (death) => {
    const { client, died, restart } = await startEngine(death);
    const running = client.jobs.run("/quick", { n: 1 });
    await died;
    await restart();
    expect(await running).toMatchObject({ status: "finished", result: { got: { n: 1 } } });
    expect((await client.jobs.list()).jobs).toHaveLength(1);
  },
);

test("a wait outlives the engine it waits at", async () => {
  const { client, died, kill, restart } = await startEngine("never");
  const { jobId } = await client.jobs.create("/approval");
  const waiting = client.jobs.wait(jobId, { timeoutMs: 300_000 });
  while ((await client.jobs.get(jobId)).waitingFor?.kind !== "human");
  kill();
  await died;
  await restart();
  await client.approvals.decide(jobId, "approved");
  expect(await waiting).toMatchObject({ jobId, status: "finished" });
});

/** An engine that dies with its first creation, and a client that has patience with it. */
async function startEngine(death: Death) {
  const folder = mkdtempSync(join(tmpdir(), "avtomatika-client-"));
  const file = join(folder, "engine.db");
  const first = await launch(file, 0, death);
  const died = once(first.child, "exit");
  const client = new AvtomatikaClient({
    url: `http://127.0.0.1:${first.port}`,
    token,
    retry: { maxRetries: 1000, delayMs: 10, maxDelayMs: 50 },
  });
  let second: ChildProcess | undefined;
  onTestFinished(async () => {
    await client.close();
    if (second !== undefined) await stop(second);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    client,
    died,
    kill: () => void first.child.kill("SIGKILL"),
    restart: async () => {
      second = (await launch(file, first.port, "never")).child;
    },
  };
}

async function launch(file: string, port: number, death: Death): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(program, [file, String(port), token, death], { execArgv: [] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [message] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error("the engine didn't start"))),
  ]);
  return { child, port: message as number };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  // One that is dying can't be told any more.
  child.send("stop", (error) => {
    if (error !== null) child.kill("SIGKILL");
  });
  await exited;
}
