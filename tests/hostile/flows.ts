import { StateMachineBlueprint } from "avtomatika";
import { flows as ofTests } from "../e2e/http/flows.ts";

/** The blueprints of the attacked engine: those of the HTTP tests, with a second version, none, and one to keep whole. */
export function flows(): StateMachineBlueprint[] {
  return [...ofTests(), second(), unversioned(), control()];
}

/** The names of those that may be attacked: `control` jobs have to stay whole. */
export const attacked = [...ofTests().map(({ name }) => name), "second", "unversioned"];

function second(): StateMachineBlueprint {
  const flow = new StateMachineBlueprint({ name: "second", apiVersion: "v2", apiEndpoint: "/second" });
  return flow.handlerFor("start", { isStart: true, isEnd: true }, ({ actions, initialData }) =>
    actions.finish(initialData),
  );
}

function unversioned(): StateMachineBlueprint {
  const flow = new StateMachineBlueprint({ name: "unversioned", apiEndpoint: "/own/unversioned" });
  return flow.handlerFor("start", { isStart: true, isEnd: true }, () => {});
}

function control(): StateMachineBlueprint {
  return new StateMachineBlueprint({ name: "control", apiVersion: "v1", apiEndpoint: "/control" })
    .handlerFor("start", { isStart: true }, ({ actions, initialData }) =>
      actions.dispatchTask({
        taskType: "control",
        params: { ...initialData },
        transitions: { success: "end", failure: "failed" },
      }),
    )
    .handlerFor("end", { isEnd: true }, ({ actions, stateHistory }) => actions.finish(stateHistory["answer"]));
}
