import { expect, test } from "vitest";
import { StateMachineBlueprint } from "#core/blueprint";
import { defaultSettings } from "#core/settings";
import { Engine } from "#engine/engine";
import { defaultEngineOptions } from "#engine/engine-options";
import { MemoryStorage } from "#storage/memory/memory-storage";
import { traced } from "#storage/wrap/traced";

const client = { clientId: "client", admin: false };
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {}, child: () => silent };

test("whoever waits for a job that ends in the same engine hears of its end without another look", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const blueprint = new StateMachineBlueprint({ name: "gated" }).handlerFor(
    "start",
    { isStart: true, isEnd: true },
    async ({ stateHistory }) => {
      await gate;
      stateHistory["passed"] = true;
      return { done: true };
    },
  );
  let looks = 0;
  const { promise: looked, resolve: onLook } = Promise.withResolvers<void>();
  const storage = traced(new MemoryStorage(), ({ method }) => {
    if (method !== "getJob") return;
    looks += 1;
    onLook();
  });
  const engine = new Engine({
    storage,
    settings: defaultSettings,
    blueprints: [blueprint.define()],
    logger: silent,
    options: { ...defaultEngineOptions, instanceId: "e" },
  });
  await storage.open();
  await engine.start();
  const [created] = await engine.createJobs([
    {
      blueprint: "gated",
      client: { id: "client", plan: null, params: {}, monthlyAttempts: null },
      initialData: { of: "the client" },
      priority: 0,
      metadata: null,
      trace: {},
      dispatchTimeoutMs: null,
      resultTimeoutMs: null,
      idempotency: null,
      watched: true,
    },
  ]);
  const { jobId } = created as { jobId: string };
  const waiting = engine.getJob(client, jobId, { waitMs: 10_000, signal: new AbortController().signal });
  await looked;
  open();
  const seen = await waiting;
  expect(looks).toBe(1);
  expect(seen).toEqual(await engine.getJob(client, jobId));
  expect(seen?.job.status).toBe("finished");
  await engine.drain();
  await engine.stop();
  await storage.close();
});
