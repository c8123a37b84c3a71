// The blueprints of these tests: each shows one way to wait or to end.
import { StateMachineBlueprint } from "avtomatika";
import { z } from "zod";

export function flows(): StateMachineBlueprint[] {
  return [quick(), work(), approval(), parent(), sleeper(), fanOut(), typed(), broken(), retrying()];
}

function named(name: string): StateMachineBlueprint {
  return new StateMachineBlueprint({ name, apiVersion: "v1", apiEndpoint: `/${name}` });
}

function quick(): StateMachineBlueprint {
  return named("quick")
    .handlerFor("start", { isStart: true }, ({ actions }) => actions.transitionTo("end"))
    .handlerFor("end", { isEnd: true }, ({ initialData }) => ({ got: initialData }));
}

function work(): StateMachineBlueprint {
  return named("work")
    .handlerFor("start", { isStart: true }, ({ actions, initialData }) =>
      actions.dispatchTask({
        taskType: "work",
        params: { ...initialData },
        transitions: { success: "end", failure: "failed", odd: "end" },
      }),
    )
    .handlerFor("end", { isEnd: true }, () => {});
}

function approval(): StateMachineBlueprint {
  return named("approval")
    .handlerFor("start", { isStart: true }, ({ actions }) =>
      actions.awaitHumanApproval({
        integration: "chat",
        message: "go?",
        transitions: { approved: "end", rejected: "failed" },
      }),
    )
    .handlerFor("end", { isEnd: true }, () => {});
}

function parent(): StateMachineBlueprint {
  return named("parent")
    .handlerFor("start", { isStart: true }, ({ actions }) =>
      actions.runBlueprint({
        blueprintName: "approval",
        initialData: {},
        transitions: { success: "end", failure: "failed" },
      }),
    )
    .handlerFor("end", { isEnd: true }, () => {});
}

function sleeper(): StateMachineBlueprint {
  return named("sleeper")
    .handlerFor("start", { isStart: true }, ({ actions }) => actions.sleep({ seconds: 3600 }, "end"))
    .handlerFor("end", { isEnd: true }, () => {});
}

function fanOut(): StateMachineBlueprint {
  return named("fan-out")
    .handlerFor("start", { isStart: true }, ({ actions }) =>
      actions.dispatchParallel({
        tasks: [1, 2].map((n) => ({ taskType: "work", params: { n } })),
        aggregateInto: "joined",
      }),
    )
    .aggregatorFor("joined", ({ actions, aggregationResults }) => actions.finish(Object.values(aggregationResults)));
}

function typed() {
  const inputSchema = z.object({ file: z.string(), size: z.number().default(1) });
  const flow = new StateMachineBlueprint({ name: "typed", apiVersion: "v1", apiEndpoint: "/typed", inputSchema });
  flow.handlerFor("start", { isStart: true, isEnd: true }, ({ initialData }) => ({ size: initialData.size }));
  return flow as unknown as StateMachineBlueprint;
}

/** Mended by `{ mended: true }` in its state. */
function broken(): StateMachineBlueprint {
  return named("broken")
    .handlerFor("start", { isStart: true }, ({ actions, stateHistory }) => {
      if (!stateHistory.mended) throw new Error("it is broken");
      actions.transitionTo("end");
    })
    .handlerFor("end", { isEnd: true }, () => {});
}

function retrying(): StateMachineBlueprint {
  return named("retrying")
    .handlerFor("start", { isStart: true }, ({ actions }) =>
      actions.dispatchTask({
        taskType: "work",
        transitions: { success: "end" },
        retry: { maxRetries: 5, delaySeconds: 3600, maxDelaySeconds: 3600 },
      }),
    )
    .handlerFor("end", { isEnd: true }, () => {});
}
