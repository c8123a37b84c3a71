// The jobs of the storm: tasks one after the other, and all at once. Both end with what each task left.
import { StateMachineBlueprint } from "avtomatika";
import type { Effect, Work } from "./setup.ts";

type Spec = Omit<Work, "key">;

export function flows(): StateMachineBlueprint[] {
  return [inTurn(), atOnce()];
}

function named(name: string): StateMachineBlueprint {
  return new StateMachineBlueprint({ name, apiVersion: "v1", apiEndpoint: `/${name}` });
}

const retry = { maxRetries: 5, delaySeconds: 0.05 };

function inTurn(): StateMachineBlueprint {
  return named("in_turn").handlerFor("next", { isStart: true }, ({ actions, initialData, stateHistory, jobId }) => {
    const done: Effect[] = stateHistory.done ?? [];
    // What the task before left.
    if (stateHistory.effect !== undefined) done.push(stateHistory.effect);
    stateHistory.done = done;
    const spec = (initialData.tasks as Spec[])[done.length];
    if (spec === undefined) return actions.finish({ done });
    const params = { ...spec, key: `${jobId}/${done.length}` };
    return actions.dispatchTask({ taskType: "work", params, transitions: { success: "next" }, retry });
  });
}

function atOnce(): StateMachineBlueprint {
  return named("at_once")
    .handlerFor("start", { isStart: true }, ({ actions, initialData, jobId }) =>
      actions.dispatchParallel({
        tasks: (initialData.tasks as Spec[]).map((spec, n) => ({
          taskType: "work",
          params: { ...spec, key: `${jobId}/${n}` },
          retry,
        })),
        aggregateInto: "joined",
      }),
    )
    .aggregatorFor("joined", ({ actions, aggregationResults }) =>
      actions.finish({
        done: Object.values(aggregationResults).map(({ data }) => (data as { effect: Effect }).effect),
      }),
    );
}
