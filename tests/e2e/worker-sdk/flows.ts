// The blueprints of these tests: work for a worker, once, many times, and in a hurry.
import { StateMachineBlueprint } from "avtomatika";

export function flows(): StateMachineBlueprint[] {
  return [work(), many(), hurried()];
}

function named(name: string): StateMachineBlueprint {
  return new StateMachineBlueprint({ name, apiVersion: "v1", apiEndpoint: `/${name}` });
}

/** One task of type `work`, with the job's data as params. */
function work(): StateMachineBlueprint {
  return named("work")
    .handlerFor("start", { isStart: true }, ({ actions, initialData }) =>
      actions.dispatchTask({
        taskType: "work",
        params: { ...initialData },
        transitions: { success: "end", odd: "end" },
        retry: { maxRetries: 3, delaySeconds: 0.01 },
      }),
    )
    .handlerFor("end", { isEnd: true }, () => {});
}

function many(): StateMachineBlueprint {
  return named("many")
    .handlerFor("start", { isStart: true }, ({ actions, initialData }) =>
      actions.dispatchParallel({
        tasks: Array.from({ length: Number(initialData.count) }, (_, n) => ({ taskType: "work", params: { n } })),
        aggregateInto: "joined",
      }),
    )
    .aggregatorFor("joined", ({ actions, aggregationResults }) =>
      actions.finish({ data: Object.values(aggregationResults).map(({ data }) => data) }),
    );
}

function hurried(): StateMachineBlueprint {
  return named("hurried")
    .handlerFor("start", { isStart: true }, ({ actions }) =>
      actions.dispatchTask({
        taskType: "work",
        timeoutSeconds: 0.3,
        transitions: { success: "end", timeout: "late" },
        retry: { maxRetries: 0 },
      }),
    )
    .handlerFor("end", { isEnd: true }, () => {})
    .handlerFor("late", { isEnd: true }, ({ stateHistory }) => ({ code: stateHistory.task_error.code }));
}
