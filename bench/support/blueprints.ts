// The blueprints of the measurements, one per kind of life.
import { setTimeout } from "node:timers/promises";
import { StateMachineBlueprint } from "avtomatika";
import { cpuMs } from "./thread-time.ts";

/** What handlers of fan-outs did: the processor time of their own is no fault of the engine's. */
export const handlers = { ms: 0, aggregations: 0, branches: 0 };

export function blueprints(): StateMachineBlueprint[] {
  return [
    quick(),
    tasks("one", 1),
    tasks("three", 3),
    sleeper(),
    approval(),
    parent(),
    fanOut(),
    stuck(),
    where(),
    picky(),
    busy(),
  ];
}

function named(name: string): StateMachineBlueprint {
  return new StateMachineBlueprint({ name, apiVersion: "v1", apiEndpoint: `/${name}` });
}

function quick(): StateMachineBlueprint {
  return named("quick").handlerFor("start", { isStart: true, isEnd: true }, () => {});
}

/** So many tasks in a row. */
function tasks(name: string, count: number): StateMachineBlueprint {
  const blueprint = named(name);
  for (let n = 1; n <= count; n++) {
    blueprint.handlerFor(`step${n}`, { isStart: n === 1 }, ({ actions, initialData }) =>
      actions.dispatchTask({
        taskType: "work",
        params: { n, of: initialData },
        transitions: { success: n === count ? "done" : `step${n + 1}` },
      }),
    );
  }
  return blueprint.handlerFor("done", { isEnd: true }, () => {});
}

/** A task for workers of at least the level `initialData.level`: each level is a set of requirements of its own. */
function picky(): StateMachineBlueprint {
  return named("picky")
    .handlerFor("start", { isStart: true }, ({ actions, initialData }) =>
      actions.dispatchTask({
        taskType: "work",
        params: {},
        resourceRequirements: { level: Number(initialData["level"]) },
        transitions: { success: "done" },
      }),
    )
    .handlerFor("done", { isEnd: true }, () => {});
}

/** Computes for 2 ms and ends. */
function busy(): StateMachineBlueprint {
  return named("busy").handlerFor("start", { isStart: true, isEnd: true }, () => {
    const until = cpuMs() + 2;
    while (cpuMs() < until);
  });
}

function sleeper(): StateMachineBlueprint {
  return named("sleeper")
    .handlerFor("start", { isStart: true }, ({ actions }) => actions.sleep({ seconds: 0.1 }, "done"))
    .handlerFor("done", { isEnd: true }, () => {});
}

function approval(): StateMachineBlueprint {
  return named("approval")
    .handlerFor("start", { isStart: true }, ({ actions }) =>
      actions.awaitHumanApproval({ integration: "bench", message: "go?", transitions: { approved: "done" } }),
    )
    .handlerFor("done", { isEnd: true }, () => {});
}

function parent(): StateMachineBlueprint {
  return named("parent")
    .handlerFor("start", { isStart: true }, ({ actions }) =>
      actions.runBlueprint({ blueprintName: "quick", initialData: {}, transitions: { success: "done" } }),
    )
    .handlerFor("done", { isEnd: true }, () => {});
}

/** `initialData.branches` branches and one join. */
function fanOut(): StateMachineBlueprint {
  return named("fanout")
    .handlerFor("start", { isStart: true }, ({ actions, initialData }) =>
      timed(() => {
        const count = Number(initialData["branches"]);
        const list = Array.from({ length: count }, (_, n) => ({
          taskType: "work",
          params: { n, name: `branch ${n}` },
        }));
        actions.dispatchParallel({ tasks: list, aggregateInto: "joined" });
      }),
    )
    .aggregatorFor("joined", ({ actions, aggregationResults }) =>
      timed(() => {
        handlers.aggregations += 1;
        const indexes = new Set(Object.values(aggregationResults).map(({ index }) => index));
        handlers.branches += indexes.size;
        actions.finish({ branches: indexes.size });
      }),
    );
}

/** Its first run never comes to an end: the job goes on where another engine takes it over. */
function stuck(): StateMachineBlueprint {
  return named("stuck").handlerFor("start", { isStart: true }, ({ attempt, actions }) =>
    attempt === 1 ? new Promise(() => {}) : actions.finish({ engine: process.pid }),
  );
}

/** Tells which process ran it; the handler waits and needs no processor. */
function where(): StateMachineBlueprint {
  return named("where").handlerFor("start", { isStart: true }, async ({ actions, initialData }) => {
    await setTimeout(Number(initialData["ms"]));
    actions.finish({ engine: process.pid });
  });
}

function timed(run: () => void): undefined {
  const begun = cpuMs();
  run();
  handlers.ms += cpuMs() - begun;
}
