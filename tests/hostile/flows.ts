import { StateMachineBlueprint } from "avtomatika";

/** The blueprints of the attacked engine: every way to wait and to end, with and without a version. */
export function flows(): StateMachineBlueprint[] {
  return [quick(), work(), control(), approval(), sleeper(), fanOut(), broken(), parent(), unversioned()];
}

/** The names of those that may be attacked: `control` jobs have to stay whole. */
export const attacked = ["quick", "work", "approval", "sleeper", "fan-out", "broken", "parent"] as const;

function named(name: string, apiVersion: string | null = "v1"): StateMachineBlueprint {
  return new StateMachineBlueprint({ name, ...(apiVersion !== null && { apiVersion }), apiEndpoint: `/${name}` });
}

function quick(): StateMachineBlueprint {
  return named("quick").handlerFor("start", { isStart: true, isEnd: true }, ({ actions, initialData }) =>
    actions.finish(initialData),
  );
}

function work(): StateMachineBlueprint {
  return named("work", "v2")
    .handlerFor("start", { isStart: true }, ({ actions, initialData }) =>
      actions.dispatchTask({
        taskType: "work",
        params: { ...initialData },
        transitions: { success: "end", failure: "failed", odd: "end" },
      }),
    )
    .handlerFor("end", { isEnd: true }, () => {});
}

function control(): StateMachineBlueprint {
  return named("control")
    .handlerFor("start", { isStart: true }, ({ actions, initialData }) =>
      actions.dispatchTask({
        taskType: "control",
        params: { ...initialData },
        transitions: { success: "end", failure: "failed" },
      }),
    )
    .handlerFor("end", { isEnd: true }, ({ actions, stateHistory }) => actions.finish(stateHistory["answer"]));
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

function sleeper(): StateMachineBlueprint {
  return named("sleeper")
    .handlerFor("start", { isStart: true }, ({ actions }) => actions.sleep({ seconds: 3600 }, "end"))
    .handlerFor("end", { isEnd: true }, () => {});
}

function fanOut(): StateMachineBlueprint {
  return named("fan-out")
    .handlerFor("start", { isStart: true }, ({ actions }) =>
      actions.dispatchParallel({
        tasks: [1, 2, 3].map((n) => ({ taskType: "work", params: { n } })),
        aggregateInto: "joined",
        policy: "settled",
      }),
    )
    .aggregatorFor("joined", ({ actions, aggregationResults }) => actions.finish(Object.keys(aggregationResults)));
}

/** Goes into quarantine until it is mended by `{ mended: true }`. */
function broken(): StateMachineBlueprint {
  return named("broken")
    .handlerFor("start", { isStart: true }, ({ actions, stateHistory }) => {
      if (stateHistory["mended"] !== true) throw new Error("it is broken");
      actions.transitionTo("end");
    })
    .handlerFor("end", { isEnd: true }, () => {});
}

function parent(): StateMachineBlueprint {
  return named("parent")
    .handlerFor("start", { isStart: true }, ({ actions, initialData }) =>
      actions.runBlueprint({
        blueprintName: "quick",
        initialData: { ...initialData },
        transitions: { success: "end", failure: "failed" },
      }),
    )
    .handlerFor("end", { isEnd: true }, () => {});
}

function unversioned(): StateMachineBlueprint {
  const flow = new StateMachineBlueprint({ name: "unversioned", apiEndpoint: "/own/unversioned" });
  return flow.handlerFor("start", { isStart: true, isEnd: true }, () => {});
}
