// The blueprints of the stored jobs, one per kind of wait. They stay as they are: jobs of former releases run them.
import { type HandlerContext, StateMachineBlueprint } from "avtomatika";

/** What the world outside of the handlers does. */
export const outside = {
  /** Handlers that find it down throw. */
  isUp: false,
  /** What the handler of `running` waits for. */
  gate: Promise.withResolvers<void>(),
};

const hour = 3600;
const retry = { maxRetries: 3, delaySeconds: 600, maxDelaySeconds: 600 };
const transitions = { success: "done", failure: "failed" };
const task = (taskType: string) => ({ taskType, params: {}, timeoutSeconds: 24 * hour, retry, transitions });
const branches = (taskType: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ taskType, params: { n }, timeoutSeconds: 24 * hour }));

/** What the start of each does. */
const starts: Record<string, (context: HandlerContext) => unknown> = {
  queued: ({ actions }) => actions.dispatchTask(task("queued")),
  leased: ({ actions }) => actions.dispatchTask(task("leased")),
  delayed: ({ actions }) => actions.dispatchTask(task("delayed")),
  quarantined: ({ actions }) => actions.dispatchTask(task("quarantined")),
  fan_out: ({ actions }) => actions.dispatchParallel({ tasks: branches("branch", 4), aggregateInto: "joined" }),
  large_fan_out: ({ actions }) => actions.dispatchParallel({ tasks: branches("many", 300), aggregateInto: "joined" }),
  parent: ({ actions }) => actions.runBlueprint({ blueprintName: "human", initialData: {}, transitions }),
  human: ({ actions }) =>
    actions.awaitHumanApproval({ integration: "desk", message: "go?", transitions: { yes: "done", no: "failed" } }),
  timer: ({ actions }) => actions.sleep({ seconds: hour }, "done"),
  thrown: async ({ actions, once, stateHistory }) => {
    stateHistory["token"] = await once("token", () => crypto.randomUUID());
    if (!outside.isUp) throw new Error("the world is down");
    return actions.transitionTo("done");
  },
  running: async ({ actions }) => {
    await outside.gate.promise;
    return actions.transitionTo("done");
  },
  ready: ({ actions }) => actions.transitionTo("done"),
  finished: ({ actions }) => actions.transitionTo("done"),
  failed_job: ({ actions }) => actions.fail("as it should"),
  cancelled: ({ actions }) => actions.sleep({ seconds: hour }, "done"),
};

export const kinds: readonly string[] = Object.keys(starts);

export function flows(): StateMachineBlueprint[] {
  return Object.entries(starts).map(([name, start]) =>
    new StateMachineBlueprint({ name, apiVersion: "v1", apiEndpoint: `/${name}` })
      .handlerFor("start", { isStart: true, transitions: ["done", "joined"] }, start)
      .aggregatorFor("joined", { transitions: ["done"] }, ({ actions, aggregationResults, stateHistory }) => {
        stateHistory["joined"] = Object.values(aggregationResults).map(({ data }) => data["n"]);
        return actions.transitionTo("done");
      })
      .handlerFor("done", { isEnd: true }, ({ stateHistory }) => ({ ...stateHistory, kind: name })),
  );
}
