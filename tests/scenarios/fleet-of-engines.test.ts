import { expect, test } from "vitest";
import { flow, oneTask } from "./flows.ts";
import { client, openScene } from "./harness.ts";

const x = { supported_tasks: ["x"] };

test("an engine dies with 50 jobs in its hands while another holds 20 long-running ones: all 70 finish", async () => {
  const runs = new Map<string, number>();
  const blueprint = (sleep: (ms: number) => Promise<void>) =>
    flow({
      start: async ({ jobId, initialData, actions }) => {
        runs.set(jobId, (runs.get(jobId) ?? 0) + 1);
        await sleep(initialData["ms"] as number);
        return actions.transitionTo("done");
      },
    });
  const scene = await openScene({ watch: false, blueprints: ({ sleep }) => [blueprint(sleep)] });
  const first = await scene.engine("a", { maxConcurrentJobs: 20 });
  const long: string[] = [];
  for (let job = 0; job < 20; job++) long.push(await scene.create("flow", { ms: 90_000 }));
  const second = await scene.engine("b", { maxConcurrentJobs: 50 });
  const short: string[] = [];
  for (let job = 0; job < 50; job++) short.push(await scene.create("flow", { ms: 5000 }));
  await scene.advance(1000);
  expect([first, second].map(({ engine }) => engine.snapshot().freeSlots)).toEqual([0, 0]);
  scene.kill(second);
  for (const jobId of [...short, ...long]) expect((await scene.ended(jobId)).status).toBe("finished");
  expect(long.map((jobId) => runs.get(jobId))).toEqual(long.map(() => 1));
  expect(short.map((jobId) => runs.get(jobId))).toEqual(short.map(() => 2));
});

test("a handler longer than the lease on two engines runs once", async () => {
  let runs = 0;
  const scene = await openScene({
    blueprints: ({ sleep }) => [
      flow({
        start: async ({ actions }) => {
          runs += 1;
          await sleep(120_000);
          return actions.transitionTo("done");
        },
      }),
    ],
  });
  await scene.engine("a");
  await scene.engine("b");
  expect((await scene.ended(await scene.create("flow"))).status).toBe("finished");
  expect(runs).toBe(1);
});

test("a rolling deployment with a blueprint known to one engine only: the job waits for that engine and goes there", async () => {
  const ran: string[] = [];
  const newer = (engine: string) =>
    flow(
      {
        start: ({ actions }) => {
          ran.push(engine);
          return actions.transitionTo("done");
        },
      },
      "newer",
    );
  const scene = await openScene({
    blueprints: ({ engine }) => (engine.startsWith("new") ? [oneTask(), newer(engine)] : [oneTask()]),
  });
  await scene.engine("old");
  const jobId = await scene.create("newer");
  await scene.advance(120_000);
  expect((await scene.job(jobId)).status).toBe("pending");
  expect(await scene.summary(jobId)).toBe('The job waits for an engine that knows blueprint "newer".');
  const one = await scene.engine("new1");
  expect((await scene.ended(jobId)).status).toBe("finished");
  const more = [await scene.create("newer"), await scene.create("newer")];
  for (const other of more) await scene.ended(other);
  expect(ran).toEqual(["new1", "new1", "new1"]);
  // Any engine can cancel a job that it couldn't run.
  scene.kill(one);
  const orphan = await scene.create("newer");
  expect(await scene.ask((engine) => engine.cancel(client, orphan))).toBe("accepted");
  await scene.advance(20);
  expect((await scene.job(orphan)).status).toBe("cancelled");
});

test("a state that an engine doesn't know is put off with the reason; cancel works on it, and requeue with a state", async () => {
  const newer = flow({
    start: ({ actions }) => actions.sleep({ seconds: 5 }, "second"),
    second: ({ actions }) => actions.transitionTo("done"),
  });
  const older = flow({ start: ({ actions }) => actions.transitionTo("done") });
  const scene = await openScene({ blueprints: ({ engine }) => [engine === "new" ? newer : older] });
  const host = await scene.engine("new");
  const jobs = [await scene.create("flow"), await scene.create("flow"), await scene.create("flow")] as const;
  await scene.advance(1000);
  scene.kill(host);
  const old = await scene.engine("old");
  await scene.reaches(jobs[0], ({ waiting }) => waiting?.kind === "blueprint");
  expect((await scene.job(jobs[0])).status).toBe("running");
  expect(await scene.summary(jobs[0])).toMatch(
    /^The job is put off, until 2030-.*: no engine that looked at this job knows state "second" of blueprint "flow"\. Start an engine/,
  );
  expect(await scene.ask((engine) => engine.cancel(client, jobs[1]))).toBe("accepted");
  expect((await scene.job(jobs[1])).status).toBe("cancelled");
  const order = (state: string | null) =>
    scene.ask((engine) => engine.requeue(client, jobs[2], { state, patch: undefined }));
  await scene.reaches(jobs[2], ({ waiting }) => waiting?.kind === "blueprint");
  expect((await order(null)).outcome).toBe("closed");
  expect((await order("done")).outcome).toBe("accepted");
  expect((await scene.ended(jobs[2])).status).toBe("finished");
  await scene.advance(120_000);
  scene.kill(old);
  await scene.engine("new");
  expect((await scene.ended(jobs[0], 60_000)).status).toBe("finished");
});

test("SIGTERM during a 5-s handler: it finishes, nothing is run again, nothing new is begun", async () => {
  const ran: string[] = [];
  const scene = await openScene({
    blueprints: ({ engine, sleep }) => [
      flow({
        start: async ({ jobId, actions }) => {
          ran.push(`${engine} ${jobId}`);
          await sleep(5000);
          return actions.sleep({ seconds: 1 }, "after");
        },
        after: ({ actions }) => actions.transitionTo("done"),
      }),
    ],
  });
  const host = await scene.engine("a");
  const begun = await scene.create("flow");
  await scene.advance(1000);
  const at = scene.elapsed;
  const draining = host.engine.drain();
  // Creations go on, but their handlers are for others.
  const jobs = [begun, await scene.create("flow")] as const;
  await scene.within(60_000, draining);
  expect(scene.elapsed - at).toBeGreaterThan(3900);
  expect(scene.elapsed - at).toBeLessThan(4200);
  expect((await scene.job(jobs[0])).status).toBe("sleeping");
  await scene.within(5000, host.engine.stop());
  scene.kill(host);
  await scene.advance(10_000);
  expect((await scene.job(jobs[1])).status).toBe("pending");
  await scene.engine("b");
  for (const jobId of jobs) expect((await scene.ended(jobId)).status).toBe("finished");
  expect(ran).toEqual([`a ${jobs[0]}`, `b ${jobs[1]}`]);
});

test("SIGKILL during a handler: it is run again once, as attempt 2", async () => {
  const ran: string[] = [];
  const scene = await openScene({
    blueprints: ({ engine, sleep }) => [
      flow({
        start: async ({ attempt, actions }) => {
          ran.push(`${engine}${attempt}`);
          await sleep(5000);
          return actions.transitionTo("done");
        },
      }),
    ],
  });
  const host = await scene.engine("a");
  const jobId = await scene.create("flow");
  await scene.advance(1000);
  scene.kill(host);
  await scene.engine("b");
  expect((await scene.ended(jobId)).status).toBe("finished");
  expect(ran).toEqual(["a1", "b2"]);
});

test("a handler that outlives a shutdown is given back: its signal aborts, the run doesn't count as lost, and what once stored stands", async () => {
  const ran: string[] = [];
  const paid: string[] = [];
  let aborted = false;
  const scene = await openScene({
    settings: { maxLostRuns: 1 },
    blueprints: ({ engine, sleep }) => [
      flow({
        start: async ({ once, signal, actions }) => {
          signal.addEventListener("abort", () => {
            aborted = true;
          });
          await once("pay", () => {
            paid.push(engine);
            return true;
          });
          ran.push(engine);
          await sleep(engine === "b" ? 10 : 100_000);
          return actions.transitionTo("done");
        },
      }),
    ],
  });
  const host = await scene.engine("a");
  const jobId = await scene.create("flow");
  await scene.advance(1000);
  const at = scene.elapsed;
  await scene.within(60_000, host.engine.drain());
  expect(scene.elapsed - at).toBeGreaterThan(29_900);
  expect(scene.elapsed - at).toBeLessThan(30_500);
  expect(aborted).toBe(true);
  await scene.within(5000, host.engine.stop());
  await scene.engine("b");
  scene.hosts.shift();
  expect((await scene.ended(jobId, 10_000)).status).toBe("finished");
  expect(ran).toEqual(["a", "b"]);
  expect(paid).toEqual(["a"]);
});

test("while an engine stops it hands nothing out and holds polls, but takes results; then polls are answered empty", async () => {
  const { signal } = new AbortController();
  const scene = await openScene({
    blueprints: ({ sleep }) => [
      oneTask(),
      flow({ start: async ({ actions }) => sleep(10_000).then(() => actions.finish()) }, "slow"),
    ],
  });
  const host = await scene.engine("a");
  const worker = scene.worker("w", x, (_, self) => self.sleep(3000).then(() => ({})));
  await scene.advance(100);
  const taken = await scene.create("flow");
  const queued = await scene.create("flow");
  await scene.create("slow");
  await scene.until(() => worker.got.length === 1);
  const draining = host.engine.drain();
  let answer: unknown = "none";
  void scene
    .request((engine) => engine.poll("v", { limit: 1, holdMs: 60_000, signal }))
    .then((poll) => {
      answer = poll?.tasks;
    });
  await scene.advance(8000);
  expect(worker.verdicts).toMatchObject([{ outcome: "applied" }]);
  expect([worker.got.length, answer]).toEqual([1, "none"]);
  await scene.within(60_000, draining);
  await scene.within(5000, host.engine.stop());
  await scene.advance(10);
  expect(answer).toEqual([]);
  scene.kill(host);
  await scene.engine("b");
  for (const jobId of [taken, queued]) expect((await scene.ended(jobId)).status).toBe("finished");
});

test("20,000 queued jobs and a slow consumer: none is missing, each task is worked on once", {
  timeout: 120_000,
}, async () => {
  const count = 20_000;
  const scene = await openScene({ watch: false, blueprints: () => [oneTask()] });
  await scene.engine();
  for (let at = 0; at < count; at += 500) {
    const creations = Array.from({ length: 500 }, () =>
      scene.creation("flow", {}, { idempotency: null, watched: false }),
    );
    await scene.ask((engine) => engine.createJobs(creations));
  }
  await scene.advance(60_000);
  const worker = scene.worker("w", { ...x, max_concurrent_tasks: 100 }, (_, self) => self.sleep(50).then(() => ({})));
  const finished = async () => (await scene.ask((engine) => engine.countJobs(client))).counts.finished;
  await scene.until(() => worker.verdicts.length >= count, 3_600_000);
  await scene.advance(5000);
  expect(await finished()).toBe(count);
  expect(new Set(worker.got.map(({ jobId }) => jobId)).size).toBe(count);
  expect(worker.got).toHaveLength(count);
  expect(worker.most).toBe(100);
});
