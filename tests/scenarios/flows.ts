import { StateMachineBlueprint } from "avtomatika/internal/core/blueprint";
import type { HandlerContext } from "avtomatika/internal/core/context";

type Handler = (context: HandlerContext) => unknown;
type TaskOptions = Partial<Parameters<HandlerContext["actions"]["dispatchTask"]>[0]>;

/** A blueprint whose start state is `start` and whose ends are `done` and `rescued`; handlers may go anywhere. */
export function flow(handlers: Record<string, Handler>, name = "flow"): StateMachineBlueprint {
  const blueprint = new StateMachineBlueprint({ name });
  const transitions = [...Object.keys(handlers), "done", "rescued"];
  for (const [state, handler] of Object.entries(handlers))
    blueprint.handlerFor(state, { isStart: state === "start", transitions }, handler);
  return blueprint.handlerFor("done", { isEnd: true }, () => {}).handlerFor("rescued", { isEnd: true }, () => {});
}

/** One task of type `x`, then the end. */
export function oneTask(options: TaskOptions = {}): StateMachineBlueprint {
  return flow({
    start: ({ actions }) =>
      actions.dispatchTask({ taskType: "x", transitions: { success: "done" }, ...options } as never),
  });
}

/** A fan-out of tasks of type `x` with the given params (`task`: its options), then an aggregator that keeps what it saw. */
export function fanOut(
  branches: readonly { [param: string]: unknown; task?: TaskOptions }[],
  options: Partial<Parameters<HandlerContext["actions"]["dispatchParallel"]>[0]> = {},
): StateMachineBlueprint {
  const blueprint = new StateMachineBlueprint({ name: "flow" })
    .handlerFor("start", { isStart: true }, ({ actions }) =>
      actions.dispatchParallel({
        ...options,
        tasks: branches.map(({ task, ...params }) => ({ taskType: "x", params, ...task })),
        aggregateInto: "joined",
      } as never),
    )
    .handlerFor("rescue", ({ stateHistory, aggregationResults, actions }) => {
      stateHistory["seen"] = Object.values(aggregationResults);
      return actions.transitionTo("done");
    })
    .handlerFor("done", { isEnd: true }, () => {});
  return blueprint.aggregatorFor("joined", ({ stateHistory, aggregationResults, actions }) => {
    stateHistory["joins"] = (stateHistory["joins"] ?? 0) + 1;
    stateHistory["keys"] = Object.keys(aggregationResults);
    stateHistory["seen"] = Object.values(aggregationResults);
    return actions.transitionTo("done");
  });
}
