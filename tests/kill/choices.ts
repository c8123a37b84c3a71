import type { HandlerContext } from "avtomatika";
import type { Random } from "../simulate/random.ts";

export const taskTypes = ["cut", "paint", "sing", "weigh"];

export const choices = [
  ...["transition", "task", "task", "task", "fan-out", "fan-out", "approval", "child", "sleep", "sleep"],
  ...["finish", "fail", "nothing"],
];

/** More branches than one staging call takes. */
const largeFanOut = 520;

/** Chooses an action; answers what it was, with the policy of a fan-out. */
export function choose(
  context: HandlerContext,
  wanted: string,
  to: () => string,
  run: string,
  children: readonly string[],
  random: Random,
  ranked: boolean,
): string {
  const { actions, jobId } = context;
  let choice = wanted === "child" && children.length === 0 ? "task" : wanted;
  if (["finish", "fail", "nothing"].includes(choice) && random.chance(0.6)) choice = "transition";
  switch (choice) {
    case "transition":
      actions.transitionTo(to());
      break;
    case "task":
      actions.dispatchTask({ ...randomTask(random, run, ranked), transitions: randomTransitions(random, to) });
      break;
    case "fan-out":
      return fanOut(context, random.chance(0.08) ? 0 : random.int(1, 6), run, random, ranked);
    case "large fan-out":
      actions.dispatchParallel({
        tasks: Array.from({ length: largeFanOut }, () => ({
          taskType: "bulk",
          params: { fan: run },
          timeoutSeconds: 15,
        })),
        aggregateInto: "joined",
        policy: "settled",
      });
      break;
    case "approval":
      actions.awaitHumanApproval({
        integration: "desk",
        message: "well?",
        transitions: { yes: to(), no: to() },
        ...(random.chance(0.4) ? { timeoutSeconds: random.int(4, 10) } : {}),
      });
      break;
    case "child":
      actions.runBlueprint({
        blueprintName: random.pick(children),
        initialData: { from: jobId },
        transitions: random.chance(0.8) ? { success: to(), failure: to() } : { success: to() },
      });
      break;
    case "sleep":
      actions.sleep({ seconds: random.chance(0.1) ? 0 : random.int(2, 40) / 10 }, to());
      break;
    case "finish":
      actions.finish({ by: jobId });
      break;
    case "fail":
      actions.fail("the handler says so");
      break;
  }
  return choice;
}

function fanOut({ actions }: HandlerContext, count: number, run: string, random: Random, ranked: boolean): string {
  const policy = random.pick(["all", "settled", "any", "quorum"] as const);
  const onFailure = random.chance(0.5);
  actions.dispatchParallel({
    tasks: Array.from({ length: count }, () => randomTask(random, run, ranked)),
    aggregateInto: "joined",
    policy: policy !== "quorum" ? policy : { quorum: count === 0 ? 1 : random.int(1, count) },
    ...(onFailure ? { onFailure: "rescue" } : {}),
  });
  return `${count === 0 ? "empty fan-out" : "fan-out"} ${policy}${onFailure ? " onFailure" : ""}`;
}

function randomTask(random: Random, fan: string, ranked: boolean) {
  const strategies = ["default", "round_robin", "least_connections", "cheapest", "best_value"] as const;
  return {
    taskType: random.pick(taskTypes),
    params: { fan },
    dispatchStrategy: random.pick(strategies),
    timeoutSeconds: random.int(3, 8),
    ...(ranked && random.chance(0.3) ? { priority: random.int(-5, 5) } : {}),
    ...(random.chance(0.2) ? { resourceRequirements: { cpuCores: random.int(1, 4) } } : {}),
    ...(random.chance(0.2) ? { maxCost: random.int(2, 9) } : {}),
    ...(random.chance(0.1) ? { dispatchTimeoutSeconds: random.int(2, 10) } : {}),
    ...(random.chance(0.5) ? { retry: { maxRetries: random.int(0, 2), delaySeconds: 0.5 } } : {}),
  };
}

function randomTransitions(random: Random, to: () => string): Record<string, string> {
  const transitions: Record<string, string> = { success: to() };
  for (const status of ["failure", "timeout", "cancelled", "needs_review", "TRANSIENT_ERROR", "PERMANENT_ERROR"]) {
    if (random.chance(0.35)) transitions[status] = to();
  }
  return transitions;
}
