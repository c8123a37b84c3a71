// What one engine hears of a worker counts at all of them.
import { expect, test } from "vitest";
import { oneTask } from "./flows.ts";
import { openScene } from "./harness.ts";

const x = { supported_tasks: ["x"] };

test("a worker that one engine hears of isn't lost to another: its long task runs once and is applied", async () => {
  const scene = await openScene({ blueprints: () => [oneTask({ timeoutSeconds: 3600 })] });
  await scene.engine("a");
  await scene.engine("b");
  // The one that judges first is not the one that hears of it.
  scene.hosts.reverse();
  const worker = scene.worker("w", x, (_, self) => self.sleep(1_000_000).then(() => ({})));
  const jobId = await scene.create("flow");
  expect((await scene.ended(jobId, 2_000_000)).status).toBe("finished");
  expect(worker.got.map(({ attempt }) => attempt)).toEqual([1]);
});

test("every engine lists a worker that says nothing new, and stops when it has gone", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine("a");
  const other = await scene.engine("b");
  const worker = scene.worker("w", x, () => ({}));
  await scene.advance(900_000);
  expect(other.engine.workers().map(({ id }) => id)).toEqual(["w"]);
  worker.kill();
  await scene.advance(200_000);
  expect(other.engine.workers()).toEqual([]);
});

test("a sign is known to another engine within a short liveness window, and a worker that is gone is lost in time", async () => {
  const scene = await openScene({
    settings: { livenessMs: 20_000, retry: { maxRetries: 0, delayMs: 1000, maxDelayMs: 1000, factor: 1 } },
    blueprints: () => [oneTask({ timeoutSeconds: 3600 })],
  });
  await scene.engine("a");
  await scene.engine("b");
  scene.hosts.reverse();
  const worker = scene.worker("w", x, (_, self) => self.sleep(1_000_000).then(() => ({})));
  const jobId = await scene.create("flow");
  await scene.until(() => worker.got.length === 1);
  await scene.advance(200_000);
  expect(worker.got).toHaveLength(1);
  expect((await scene.job(jobId)).status).toBe("waiting_for_worker");
  worker.kill();
  const at = scene.elapsed;
  expect((await scene.ended(jobId)).error).toContain("WORKER_LOST_ERROR");
  expect(scene.elapsed - at).toBeLessThan(45_000);
});
