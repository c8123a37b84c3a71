import { expect, test } from "vitest";
import { StateMachineBlueprint } from "#core/blueprint";
import { type TestKit, testBlueprint } from "#testing";

/** The places at which the engine dies, once each. */
const places = [
  "handler",
  "after once",
  "inside once",
  "real work",
  "worker",
  "aggregator",
  "waiting",
  "asleep",
] as const;

/** Calls `crash` at the place, the first time it is reached. */
function crasher(place: (typeof places)[number]) {
  let isOver = false;
  const world = { kit: null as TestKit | null, paid: 0, runs: 0 };
  const at = (here: (typeof places)[number]): void => {
    if (here !== place || isOver) return;
    isOver = true;
    world.kit?.crash();
  };
  return { world, at };
}

test.each(places)("the engine dies: %s", async (place) => {
  const { world, at } = crasher(place);
  const flow = new StateMachineBlueprint({ name: "flow" })
    .handlerFor("start", { isStart: true }, async ({ once, attempt, stateHistory, actions }) => {
      world.runs += 1;
      at("handler");
      await once("pay", async () => {
        world.paid += 1;
        at("inside once");
      });
      at("after once");
      if (place === "real work") await new Promise((resolve) => setTimeout(resolve, 5));
      at("real work");
      stateHistory["attempt"] = attempt;
      return actions.dispatchParallel({ tasks: [{ taskType: "x" }, { taskType: "x" }], aggregateInto: "joined" });
    })
    .handlerFor("nap", ({ actions }) => actions.sleep({ seconds: 3600 }, "done"))
    .handlerFor("done", { isEnd: true }, ({ stateHistory }) => stateHistory)
    .aggregatorFor("joined", { transitions: ["ask"] }, ({ aggregationResults, stateHistory, actions }) => {
      at("aggregator");
      stateHistory["branches"] = Object.keys(aggregationResults).length;
      return actions.transitionTo("ask");
    })
    .handlerFor("ask", ({ actions }) =>
      actions.awaitHumanApproval({ integration: "mail", message: "?", transitions: { yes: "nap" } }),
    );
  const t = await testBlueprint(flow);
  world.kit = t;
  t.worker("x", () => at("worker"));
  const job = await t.run();
  expect(job.status).toBe("waiting_for_human");
  at("waiting");
  expect((await t.approve(job.id, "yes")).status).toBe("sleeping");
  at("asleep");
  const isLost = ["handler", "inside once", "after once", "real work"].includes(place);
  expect(await t.settled(job.id)).toMatchObject({
    status: "finished",
    result: { branches: 2, attempt: isLost ? 2 : 1 },
  });
  expect(world.paid).toBe(place === "inside once" ? 2 : 1);
  expect(world.runs).toBe(isLost ? 2 : 1);
  expect(t.history(job.id).map(({ state }) => state)).toEqual(["start", "joined", "ask", "nap", "done"]);
  t.close();
});

test("a job that is created while the engine dies is created once", async () => {
  let crashes = 0;
  const flow = new StateMachineBlueprint({ name: "flow" }).handlerFor("start", { isStart: true }, ({ actions }) => {
    if (crashes++ === 0) kit.crash();
    return actions.finish();
  });
  const kit = await testBlueprint(flow);
  const first = await kit.create();
  expect((await kit.settled(first)).status).toBe("finished");
  expect(crashes).toBe(2);
  const second = await kit.run();
  expect(second.id).not.toBe(first);
  kit.close();
});
