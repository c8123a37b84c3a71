import { defineBlueprint, StateMachineBlueprint } from "avtomatika/internal/core/blueprint";
import type { HandlerContext } from "avtomatika/internal/core/context";
import type { BlueprintDefinition } from "avtomatika/internal/core/definition";
import type { Random } from "avtomatika/internal/testing/random";
import type { Tally } from "./tally.ts";

/** What the handlers of random blueprints need beside their context. */
export interface HandlerWorld {
  random: Random;
  tally: Tally;
  /** Simulated time inside of handlers: dies with the engine. */
  sleep: (ms: number) => Promise<void>;
  /** Told of every value that a `once` gave, so that it can be held against the first one. */
  onOnce: (key: string, value: string) => void;
  onRun: (context: HandlerContext) => void;
}

const taskTypes = ["cut", "paint", "sing", "weigh"];

/** The shape of a blueprint: the same for all engines, whatever their handlers draw. */
export interface Shape {
  name: string;
  /** State names; the last two are ends, `agg…` states have an aggregator too. */
  states: string[];
  children: string[];
}

export function randomShapes(random: Random): Shape[] {
  return ["leaf", "middle", "root"].map((name, level, names) => ({
    name,
    states: Array.from({ length: random.int(2, 5) }, (_, index) => `s${index}`),
    children: names.slice(0, level),
  }));
}

/** A blueprint whose handlers choose at random. `without` leaves a state out, as an older release would. */
export function randomBlueprint(shape: Shape, world: HandlerWorld, without: string | null): BlueprintDefinition {
  const blueprint = new StateMachineBlueprint({ name: shape.name, maxTransitions: 60 });
  const all = [...shape.states, "joined", "rescue", "done", "oops"];
  for (const [index, state] of shape.states.entries()) {
    if (state === without) continue;
    const handler = (context: HandlerContext): unknown => act(context, index, shape, world, without);
    const options = { isStart: index === 0, transitions: all.filter((one) => one !== without && one !== "joined") };
    const half = blueprint.handlerFor(state, options);
    half.when("context.initial_data.urgent == true", handler);
    blueprint.handlerFor(state, options, handler);
  }
  const next = (context: HandlerContext): unknown => act(context, shape.states.length, shape, world, without);
  blueprint.aggregatorFor("joined", { transitions: ["done", "oops"] }, (context) => {
    world.tally.add("action aggregator");
    context.stateHistory["branches"] = Object.keys(context.aggregationResults).length;
    return next(context);
  });
  blueprint.handlerFor("rescue", { transitions: ["done", "oops", "joined"] }, next);
  blueprint.handlerFor("done", { isEnd: true }, (context) => {
    world.onRun(context);
    world.tally.add("action end");
    return { end: context.jobId };
  });
  blueprint.handlerFor("oops", { isEnd: true, outcome: "failure" }, world.onRun);
  return defineBlueprint(blueprint);
}

async function act(
  context: HandlerContext,
  index: number,
  shape: Shape,
  world: HandlerWorld,
  without: string | null,
): Promise<void> {
  const { random, tally } = world;
  const { stateHistory } = context;
  world.onRun(context);
  stateHistory["runs"] = ((stateHistory["runs"] as number | undefined) ?? 0) + 1;
  if (random.chance(0.25)) {
    tally.add("action once");
    const value = await context.once("token", () => random.uuid());
    world.onOnce(context.idempotencyKey, value);
  }
  if (random.chance(0.2)) await world.sleep(random.chance(0.1) ? random.int(10_000, 40_000) : random.int(0, 2000));
  if (random.chance(0.06)) {
    tally.add("action throw");
    throw new Error("a handler failed");
  }
  const later = [...shape.states.slice(index + 1), "rescue", "done", "oops"].filter((state) => state !== without);
  const anywhere = (): string =>
    random.chance(0.1) && index < shape.states.length ? (shape.states[0] as string) : random.pick(later);
  const tired = (stateHistory["runs"] as number) > 12;
  choose(context, tired ? "transition" : random.pick(choices), tired ? () => "done" : anywhere, shape, world);
  return;
}

const choices = [
  "transition",
  "transition",
  "task",
  "task",
  "task",
  "fan-out",
  "fan-out",
  "approval",
  "child",
  "sleep",
  "finish",
  "fail",
  "nothing",
] as const;

function choose(
  context: HandlerContext,
  choice: (typeof choices)[number],
  to: () => string,
  shape: Shape,
  world: HandlerWorld,
): void {
  const { random, tally } = world;
  const { actions } = context;
  const chosen = choice === "child" && shape.children.length === 0 ? "task" : choice;
  if ((chosen === "finish" || chosen === "fail" || chosen === "nothing") && random.chance(0.6)) {
    tally.add("action transition");
    return actions.transitionTo(to());
  }
  tally.add(`action ${chosen}`);
  switch (chosen) {
    case "transition":
      return actions.transitionTo(to());
    case "task":
      return actions.dispatchTask({ ...randomTask(random), transitions: randomTransitions(random, to) });
    case "fan-out":
      return fanOut(context, world);
    case "approval":
      return actions.awaitHumanApproval({
        integration: "desk",
        message: "well?",
        transitions: { yes: to(), no: to() },
        ...(random.chance(0.5) ? { timeoutSeconds: random.int(5, 100) } : {}),
      });
    case "child":
      return actions.runBlueprint({
        blueprintName: random.pick(shape.children),
        initialData: { from: context.jobId },
        transitions: random.chance(0.8) ? { success: to(), failure: to() } : { success: to() },
      });
    case "sleep":
      return actions.sleep({ seconds: random.chance(0.2) ? 0 : random.int(1, 90) }, to());
    case "finish":
      return actions.finish({ by: context.jobId });
    case "fail":
      return actions.fail("the handler says so");
    case "nothing":
      return;
  }
}

function fanOut({ actions }: HandlerContext, { random, tally }: HandlerWorld): void {
  const count = random.chance(0.003) ? random.int(501, 620) : random.int(0, 6);
  const tasks = Array.from({ length: count }, () => (count > 500 ? { taskType: "cut" } : randomTask(random)));
  const policy = random.pick(["all", "settled", "any", "quorum"] as const);
  tally.add(`policy ${policy}`);
  actions.dispatchParallel({
    tasks,
    aggregateInto: "joined",
    policy: policy !== "quorum" ? policy : count === 0 ? { quorum: 1 } : { quorum: random.int(1, count) },
    ...(random.chance(0.5) ? { onFailure: "rescue" } : {}),
  });
}

function randomTask(random: Random) {
  return {
    taskType: random.pick(taskTypes),
    params: { size: random.int(1, 9) },
    dispatchStrategy: random.pick(["default", "round_robin", "least_connections", "cheapest", "best_value"] as const),
    ...(random.chance(0.3) ? { priority: random.int(-5, 5) } : {}),
    ...(random.chance(0.2) ? { resourceRequirements: { cpuCores: random.int(1, 4) } } : {}),
    ...(random.chance(0.2) ? { maxCost: random.int(2, 9) } : {}),
    ...(random.chance(0.6) ? { timeoutSeconds: random.int(5, 60) } : {}),
    ...(random.chance(0.15) ? { dispatchTimeoutSeconds: random.int(5, 60) } : {}),
    ...(random.chance(0.3) ? { retry: { maxRetries: random.int(0, 2), delaySeconds: 1 } } : {}),
  };
}

function randomTransitions(random: Random, to: () => string): Record<string, string> {
  const transitions: Record<string, string> = { success: to() };
  for (const status of ["failure", "timeout", "cancelled", "needs_review", "TRANSIENT_ERROR", "PERMANENT_ERROR"]) {
    if (random.chance(0.35)) transitions[status] = to();
  }
  return transitions;
}

export { taskTypes };
