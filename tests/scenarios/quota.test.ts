import { StateMachineBlueprint } from "avtomatika/internal/core/blueprint";
import type { Creation, CreationResult } from "avtomatika/internal/engine/orchestrator";
import { expect, test } from "vitest";
import { z } from "zod";
import { flow } from "./flows.ts";
import { openScene, type Scene, type SceneOptions, start } from "./harness.ts";

const day = 86_400_000;
const blueprints = () => [flow({ start: ({ actions }) => actions.transitionTo("done") })];
const limited = (monthlyAttempts: number | null, over: Partial<Creation> = {}): Partial<Creation> => ({
  client: { id: "client", plan: null, params: {}, monthlyAttempts },
  ...over,
});
const keyed = (key: string, fingerprint = "f") => ({ idempotency: { key, fingerprint } });

/** A scene with its engine, and the calls that it made to the store. */
async function scene(over: Partial<SceneOptions> = {}) {
  const calls: string[] = [];
  const opened = await openScene({
    blueprints,
    shards: 3,
    onCall: (_, method) => {
      calls.push(method);
      return "pass";
    },
    ...over,
  });
  await opened.engine();
  return { opened, calls };
}

function create(opened: Scene, ...changes: Partial<Creation>[]): Promise<CreationResult[]> {
  return opened.ask((engine) => engine.createJobs(changes.map((one) => opened.creation("flow", {}, one))));
}
async function outcomes(opened: Scene, ...changes: Partial<Creation>[]): Promise<string[]> {
  return (await create(opened, ...changes)).map(({ outcome }) => outcome);
}

test("a client creates as many jobs as its quota allows, and is told when the month is over", async () => {
  const { opened } = await scene();
  for (let count = 0; count < 3; count++) expect(await outcomes(opened, limited(3))).toEqual(["created"]);
  const [refused] = await create(opened, limited(3));
  expect(refused?.outcome).toBe("over_quota");
  const untilFebruary = start + 31 * day - opened.time.now();
  const { retryAfterMs } = refused as { retryAfterMs: number };
  expect(Math.abs(retryAfterMs - untilFebruary)).toBeLessThan(100);
  // The machine slept.
  opened.time.jump(opened.time.now() + retryAfterMs - 1000);
  expect(await outcomes(opened, limited(3))).toEqual(["over_quota"]);
  await opened.advance(1001);
  expect(await outcomes(opened, limited(3), limited(3), limited(3), limited(3))).toEqual([
    ...["created", "created", "created"],
    "over_quota",
  ]);
});

test("the month is that of the time zone", async () => {
  const { opened } = await scene({ options: { timeZone: "Pacific/Kiritimati" } });
  const [, refused] = await create(opened, limited(1), limited(1));
  // There it has been 2030 for 14 hours when UTC's year begins.
  const untilFebruary = start + 31 * day - 14 * 3_600_000 - opened.time.now();
  expect(Math.abs((refused as { retryAfterMs: number }).retryAfterMs - untilFebruary)).toBeLessThan(100);
});

test("a batch is charged per entry, in order, and what is invalid costs nothing", async () => {
  const inputSchema = z.object({ n: z.number() });
  const strict = () => [
    new StateMachineBlueprint({ name: "flow", inputSchema }).handlerFor(
      "start",
      { isStart: true, isEnd: true },
      () => {},
    ),
  ];
  const { opened } = await scene({ blueprints: strict });
  const entries = [{ n: 1 }, { n: "x" }, { n: 2 }, {}, { n: 3 }].map((initialData) => limited(2, { initialData }));
  expect(await outcomes(opened, ...entries)).toEqual(["created", "invalid", "created", "invalid", "over_quota"]);
});

test("a repeat costs nothing, and is answered when the quota is used up", async () => {
  const { opened } = await scene();
  const first = await create(opened, limited(2, keyed("a")));
  for (let count = 0; count < 5; count++) {
    expect(await create(opened, limited(2, keyed("a")))).toMatchObject([{ ...first[0], outcome: "existing" }]);
    expect(await outcomes(opened, limited(2, keyed("a", "other")))).toEqual(["conflict"]);
  }
  expect(await outcomes(opened, limited(2, keyed("b")))).toEqual(["created"]);
  expect(await create(opened, limited(2, keyed("a")))).toMatchObject([{ ...first[0], outcome: "existing" }]);
  expect(await outcomes(opened, limited(2, keyed("b", "other")))).toEqual(["conflict"]);
  expect(await outcomes(opened, limited(2, keyed("c")))).toEqual(["over_quota"]);
});

test("repeats of a batch don't stand in the way of its new entries", async () => {
  const { opened } = await scene();
  const old = ["a", "b", "c"].map((key) => limited(5, keyed(key)));
  expect(await outcomes(opened, ...old)).toEqual(["created", "created", "created"]);
  const fresh = ["d", "e", "f"].map((key) => limited(5, keyed(key)));
  expect(await outcomes(opened, ...old, ...fresh)).toEqual([
    ...["existing", "existing", "existing"],
    ...["created", "created", "over_quota"],
  ]);
});

test("a client without a quota costs no further call, one with a quota costs one", async () => {
  const { opened, calls } = await scene();
  const costs = async (quota: number | null): Promise<string[]> => {
    calls.length = 0;
    await outcomes(opened, limited(quota));
    return calls.filter((method) => /quota|createJobs|findCreated/i.test(method));
  };
  expect(await costs(null)).toEqual(["createJobs"]);
  expect(await costs(10)).toEqual(["chargeQuota", "createJobs"]);
});

test("an engine that dies between charge and creation wastes a unit, and never gives one too many", async () => {
  let dies = true;
  const { opened } = await scene({
    onCall: (_, method) => {
      if (method !== "createJobs" || !dies) return "pass";
      dies = false;
      return "die-before";
    },
  });
  await expect(create(opened, limited(3))).rejects.toThrow("the connection broke");
  await opened.engine("again");
  expect(await outcomes(opened, limited(3), limited(3), limited(3))).toEqual(["created", "created", "over_quota"]);
});

test("a creation whose reply was lost keeps its unit, and its repeat costs none", async () => {
  let dies = true;
  const { opened } = await scene({
    onCall: (_, method) => {
      if (method !== "createJobs" || !dies) return "pass";
      dies = false;
      return "die-after";
    },
  });
  await expect(create(opened, limited(2, keyed("a")))).rejects.toThrow("the connection broke");
  await opened.engine("again");
  expect(await outcomes(opened, limited(2, keyed("a")), limited(2), limited(2))).toEqual([
    ...["existing", "created", "over_quota"],
  ]);
});

test("while the store is away a creation is refused, and costs at most its unit", async () => {
  const { opened } = await scene();
  opened.storeAway(true);
  await expect(create(opened, limited(1))).rejects.toMatchObject({ code: "store_unavailable" });
  opened.storeAway(false);
  expect(await outcomes(opened, limited(1))).toEqual(["created"]);
});

test("the quota is no part of what the store keeps of a client", async () => {
  const { opened } = await scene();
  const [made] = await create(opened, limited(5));
  const { details } = await opened.job((made as { jobId: string }).jobId);
  expect(details.initial.client).toEqual({ id: "client", plan: null, params: {} });
});
