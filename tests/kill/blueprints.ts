import { type HandlerContext, StateMachineBlueprint } from "avtomatika";
import type { Random } from "../simulate/random.ts";
import { choices, choose } from "./choices.ts";
import { Journal } from "./journal.ts";

/** What handlers have beside their context. */
export interface HandlerWorld {
  random: Random;
  log: HandlerLog;
  calm: boolean;
  /** Tasks have priorities. */
  ranked: boolean;
}

export interface Shape {
  name: string;
  states: string[];
  children: string[];
}

/** What a run leaves in `stateHistory.trail`: it is there if and only if the run's outcome was committed. */
export interface TrailEntry {
  visit: number;
  state: string;
  run: string;
  action: string;
  /** The nonce of the decision that led here. */
  approval: string | null;
  /** In an aggregator: the run that made the fan-out, and the results' nonces. */
  fan: string | null;
  nonces: string[];
}

export const shapes: Shape[] = ["leaf", "middle", "root"].map((name, level, names) => ({
  name,
  states: Array.from({ length: level + 2 }, (_, index) => `s${index}`),
  children: names.slice(0, level),
}));

/** The append-only log of one engine process. */
export class HandlerLog {
  readonly #journal: Journal;
  readonly #process: number;

  constructor(folder: string, process: number) {
    this.#journal = new Journal(folder, `engine-${process}`);
    this.#process = process;
  }

  ran(key: string, run: string): void {
    this.#journal.write({ kind: "ran", key, run, process: this.#process });
  }
  threw(key: string, run: string): void {
    this.#journal.write({ kind: "threw", key, run });
  }
  once(key: string, value: string): void {
    this.#journal.write({ kind: "once", key, value, process: this.#process });
  }
}

export function randomBlueprint(shape: Shape, world: HandlerWorld): StateMachineBlueprint {
  const { name, states } = shape;
  const blueprint = new StateMachineBlueprint({
    name,
    apiVersion: "v1",
    apiEndpoint: `/flows/${name}`,
    maxTransitions: 60,
  });
  const all = [...states, "rescue", "done", "oops"];
  for (const [index, state] of states.entries()) {
    const handler = (context: HandlerContext): Promise<void> => act(context, index, shape, world);
    const options = { isStart: index === 0, transitions: all };
    blueprint.handlerFor(state, options).when("context.initial_data.urgent == true", handler);
    blueprint.handlerFor(state, options, handler);
  }
  const last = (context: HandlerContext): Promise<void> => act(context, states.length, shape, world);
  blueprint.aggregatorFor("joined", { transitions: ["done", "oops"] }, last);
  blueprint.handlerFor("rescue", { transitions: ["done", "oops", "joined"] }, last);
  blueprint.handlerFor("done", { isEnd: true }, (context) => {
    finishTrail(context, world);
    return { end: context.jobId };
  });
  blueprint.handlerFor("oops", { isEnd: true, outcome: "failure" }, (context) => finishTrail(context, world));
  return blueprint;
}

async function act(context: HandlerContext, index: number, shape: Shape, world: HandlerWorld): Promise<void> {
  const { random, log, calm, ranked } = world;
  const { initialData, stateHistory, idempotencyKey: key } = context;
  const entry = beginEntry(context, world);
  const visited = ((stateHistory["trail"] as TrailEntry[] | undefined) ?? []).length;
  if (random.chance(0.3)) {
    const value = await context.once("token", () => random.uuid());
    log.once(key, value);
    entry.action = "once ";
  }
  if (random.chance(0.5)) await new Promise((resolve) => setTimeout(resolve, random.int(0, 150)));
  if (!calm && random.chance(0.06)) {
    log.threw(key, entry.run);
    throw new Error("a handler failed");
  }
  const later = [...shape.states.slice(index + 1), "rescue", "done", "oops"];
  const to = (): string => {
    if (calm || visited > 12) return "done";
    return index < shape.states.length && random.chance(0.1) ? (shape.states[0] as string) : random.pick(later);
  };
  let choice = calm || visited > 12 ? "transition" : random.pick(choices);
  if (initialData["big"] === true && visited === 0) choice = "large fan-out";
  entry.action += choose(context, choice, to, entry.run, shape.children, random, ranked);
  keepEntry(context, entry);
}

function finishTrail(context: HandlerContext, world: HandlerWorld): void {
  keepEntry(context, { ...beginEntry(context, world), action: "end" });
}

function beginEntry(context: HandlerContext, { random, log }: HandlerWorld): TrailEntry {
  const { idempotencyKey: key, currentState: state, stateHistory, aggregationResults } = context;
  const run = random.uuid();
  log.ran(key, run);
  const results = Object.values(aggregationResults);
  const made = results.map(({ data }) => data as { nonce?: string; fan?: string } | null);
  const approval = stateHistory["approval"] as { metadata: { nonce: string } } | undefined;
  return {
    visit: Number(key.slice(key.lastIndexOf("_") + 1)),
    state,
    run,
    action: "",
    approval: approval?.metadata.nonce ?? null,
    fan: state === "joined" ? (made.find((data) => data?.fan !== undefined)?.fan ?? "empty") : null,
    nonces: made.flatMap((data) => data?.nonce ?? []),
  };
}

/** A decision is noted once: by the run that it led to. */
function keepEntry({ stateHistory }: HandlerContext, entry: TrailEntry): void {
  delete stateHistory["approval"];
  stateHistory["trail"] = [...((stateHistory["trail"] as TrailEntry[] | undefined) ?? []), entry];
}
