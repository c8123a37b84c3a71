// The jobs of an engine that died, or was told to stop, run elsewhere in time: without a bell, and without the backstop.
import { expect, test } from "vitest";
import { flow } from "./flows.ts";
import { client, type Host, openScene } from "./harness.ts";

/** Handlers of the first run never end; `ran` is told when another engine runs the job. */
async function stuckScene(ran: (engine: string) => void) {
  return openScene({
    options: { watcherIntervalMs: Number.POSITIVE_INFINITY },
    blueprints: ({ engine, sleep }) => [
      flow({
        start: async ({ attempt, actions }) => {
          if (attempt === 1) await sleep(1_000_000);
          ran(engine);
          return actions.transitionTo("done");
        },
      }),
    ],
  });
}

test.each([0, 300, 700, 1100, 1500, 1900])(
  "jobs of an engine that is killed %i ms after it prolonged them run elsewhere within 15 s",
  async (ms) => {
    let scene: Awaited<ReturnType<typeof stuckScene>>;
    const late: number[] = [];
    let killedAt = 0;
    scene = await stuckScene((engine) => {
      expect(engine).not.toBe("dying");
      late.push(scene.elapsed - killedAt);
    });
    const dying = await scene.engine("dying");
    const jobs: string[] = [];
    for (let n = 0; n < 20; n++) jobs.push(await scene.create("flow"));
    const [heir] = [await scene.engine("heir"), await scene.engine("other")];
    await scene.advance(4000 + ms);
    const { signal } = new AbortController();
    const wait = { waitMs: 60_000, signal };
    const told = jobs.map((id) => scene.ask((engine) => engine.getJob(client, id, wait), heir));
    await scene.advance(20);
    killedAt = scene.elapsed;
    scene.kill(dying);
    for (const view of await Promise.all(told)) expect(view?.job.status).toBe("finished");
    expect(late).toHaveLength(20);
    expect(Math.max(...late)).toBeLessThan(12_100);
    // A lease is a lease: nobody is robbed of a job that may still be run.
    expect(Math.min(...late)).toBeGreaterThan(9_900);
  },
);

test("an engine that stops gives its jobs back: another one runs them within a second", async () => {
  const ran: string[] = [];
  const scene = await openScene({
    options: { drainMs: 1000, watcherIntervalMs: Number.POSITIVE_INFINITY },
    blueprints: ({ engine, sleep }) => [
      flow({
        start: async ({ actions }) => {
          if (engine === "leaving") await sleep(1_000_000);
          ran.push(engine);
          return actions.transitionTo("done");
        },
      }),
    ],
  });
  const leaving: Host = await scene.engine("leaving");
  const jobs: string[] = [];
  for (let n = 0; n < 20; n++) jobs.push(await scene.create("flow"));
  await scene.engine("staying");
  await scene.within(5000, leaving.engine.drain());
  const at = scene.elapsed;
  for (const jobId of jobs) expect((await scene.ended(jobId, 5000)).status).toBe("finished");
  expect(scene.elapsed - at).toBeLessThan(1000);
  expect(ran).toEqual(jobs.map(() => "staying"));
});
