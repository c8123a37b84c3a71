// Engines of two releases over one store: what only the newer one knows goes to the newer one, promptly.
import { expect, test } from "vitest";
import { flow } from "./flows.ts";
import { openScene, type Surroundings } from "./harness.ts";

/** The newer release puts a state between the start and the end. */
function releases(engine: string, sleep: Surroundings["sleep"], ran: (engine: string) => void) {
  if (!engine.startsWith("new")) {
    return flow({ start: ({ actions }) => sleep(50).then(() => actions.sleep({ seconds: 1 }, "done")) });
  }
  return flow({
    start: ({ actions }) => sleep(50).then(() => actions.sleep({ seconds: 1 }, "second")),
    second: async ({ actions }) => {
      ran(engine);
      await sleep(50);
      return actions.transitionTo("done");
    },
  });
}

function fleet(ran: (engine: string) => void) {
  return openScene({ blueprints: ({ engine, sleep }) => [releases(engine, sleep, ran)] });
}

test.each([1, 2, 3])(
  "with %i older engines beside it, the newer one runs each job of its new state within a second",
  async (older) => {
    const ran: string[] = [];
    const scene = await fleet((engine) => ran.push(engine));
    // Whoever came first looks first.
    for (let n = 0; n < older; n++) await scene.engine(`old${n}`);
    const newer = await scene.engine("new");
    const jobs: string[] = [];
    for (let n = 0; n < 60; n++) {
      const [created] = await scene.ask((engine) => engine.createJobs([scene.creation("flow")]), newer);
      jobs.push((created as { jobId: string }).jobId);
    }
    const late: number[] = [];
    for (const jobId of jobs) {
      const { details, status, state } = await scene.ended(jobId);
      expect([status, state]).toEqual(["finished", "done"]);
      late.push((details.job.endedAt as number) - details.job.createdAt);
    }
    // A second of sleep, two handlers, and what the store's calls take.
    expect(Math.max(...late)).toBeLessThan(2200);
    expect(ran).toHaveLength(jobs.length);
  },
);

test("a job that was put off while no engine knew its state goes to the first one that does, beside an older one", async () => {
  const ran: string[] = [];
  const scene = await fleet((engine) => ran.push(engine));
  const first = await scene.engine("new1");
  const jobId = await scene.create("flow");
  await scene.advance(500);
  scene.kill(first);
  await scene.engine("old");
  await scene.reaches(jobId, ({ waiting }) => waiting?.kind === "blueprint");
  await scene.advance(100_000);
  await scene.engine("new2");
  const at = scene.elapsed;
  expect((await scene.ended(jobId)).status).toBe("finished");
  // The pause between two looks has grown to half a minute; only one of them is waited for.
  expect(scene.elapsed - at).toBeLessThan(33_000);
  expect(ran).toEqual(["new2"]);
});

test("a newer engine without a free slot takes nothing: the job's timer brings it later", async () => {
  const ran: string[] = [];
  const scene = await fleet((engine) => ran.push(engine));
  const newer = await scene.engine("new", { maxConcurrentJobs: 1 });
  await scene.engine("old");
  const jobs: string[] = [];
  for (let n = 0; n < 20; n++) {
    const [created] = await scene.ask((engine) => engine.createJobs([scene.creation("flow")]), newer);
    jobs.push((created as { jobId: string }).jobId);
  }
  for (const jobId of jobs) expect((await scene.ended(jobId)).status).toBe("finished");
  expect(scene.elapsed).toBeLessThan(120_000);
});
