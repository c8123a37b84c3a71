import { MemoryStorage } from "avtomatika/internal/storage/memory/memory-storage";
import { wrapCalls } from "avtomatika/internal/storage/wrap/wrap-calls";
import { expect, test } from "vitest";
import { oneTask } from "./flows.ts";
import { openScene } from "./harness.ts";

/** A scene with one worker, whose store answers claims of tasks only when it is told to. */
async function slowClaims() {
  let answer = (): void => {};
  const scene = await openScene({
    blueprints: () => [oneTask()],
    watch: false,
    storage: (clock) =>
      wrapCalls(new MemoryStorage({ clock, shards: 1 }), async ({ method, input, pass }) => {
        const reply = await pass();
        const isClaim = method === "claimTasks" && (input as { worker: string }).worker === "w";
        if (isClaim) await new Promise<void>((resolve) => (answer = resolve));
        return reply;
      }),
  });
  await scene.engine();
  const record = { worker_id: "w", supported_tasks: ["x"], max_concurrent_tasks: 1 };
  await scene.ask((engine) => engine.registerWorker("w", record));
  const poll = async (holdMs: number) => {
    const { signal } = new AbortController();
    const asked = { at: 0, tasks: null as string[] | null };
    void scene
      .request((engine) => engine.poll("w", { limit: 1, holdMs, signal }), scene.hosts[0])
      .then((found) => {
        asked.at = scene.elapsed;
        asked.tasks = found?.tasks.map(({ taskId }) => taskId) ?? [];
        found?.delivered();
      });
    return asked;
  };
  const answerClaim = async () => {
    answer();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { scene, poll, answerClaim };
}

test("a poll whose time is over while its claim is under way gets what the claim brings", async () => {
  const { scene, poll, answerClaim } = await slowClaims();
  const jobId = await scene.create("flow");
  await scene.advance(100);
  const asked = await poll(20);
  await scene.advance(300);
  expect(asked.tasks).toBe(null);
  await answerClaim();
  await scene.until(() => asked.tasks !== null, 50);
  expect(asked.tasks).toEqual([`${jobId}_1_0_1`]);
});

test("a claim that takes longer than a second more is not waited for", async () => {
  const { scene, poll, answerClaim } = await slowClaims();
  const jobId = await scene.create("flow");
  await scene.advance(100);
  const begun = scene.elapsed;
  const asked = await poll(20);
  await scene.until(() => asked.tasks !== null, 2000);
  expect(asked.tasks).toEqual([]);
  expect(asked.at - begun).toBeGreaterThan(1000);
  // What it brings goes back, to the next one who asks.
  await answerClaim();
  const again = await poll(20);
  await scene.advance(10);
  await answerClaim();
  await scene.until(() => again.tasks !== null, 2000);
  expect(again.tasks).toEqual([`${jobId}_1_0_1`]);
});
