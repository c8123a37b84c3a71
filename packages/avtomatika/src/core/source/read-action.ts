import { didYouMean } from "#core/nearest";
import { type Place, propertiesOf, textsOf, valuesOf } from "#core/source/constants";

/** A way out of a state. */
export interface Edge {
  to: string;
  kind: "transition" | "outcome" | "fan-out" | "on-failure" | "timeout" | "wake";
  /** The outcome that leads along it, as the keys of `transitions` name it; null if there is none or it isn't known. */
  label: string | null;
}

export type ActionReading = { edges: Edge[]; gap?: undefined } | { edges: Edge[]; gap: string };

type Shape = {
  target?: [argument: number, kind: Edge["kind"]];
  transitions?: true;
  states?: Record<string, Edge["kind"]>;
};

const shapes = new Map<string, Shape>([
  ["transitionTo", { target: [0, "transition"] }],
  ["sleep", { target: [1, "wake"] }],
  ["dispatchTask", { transitions: true }],
  ["runBlueprint", { transitions: true }],
  ["awaitHumanApproval", { transitions: true, states: { timeoutState: "timeout" } }],
  ["dispatchParallel", { states: { aggregateInto: "fan-out", onFailure: "on-failure" } }],
  ["finish", {}],
  ["fail", {}],
]);

/** The states that a call of the action `name` with these arguments can lead to. */
export function readAction(name: string, args: readonly Place[]): ActionReading {
  const shape = shapes.get(name);
  if (!shape) return { edges: [], gap: `there is no actions.${name}${didYouMean(name, shapes.keys())}` };
  if (shape.target) return readTarget(name, args[shape.target[0]], shape.target[1]);
  return shape.transitions || shape.states ? readOptions(name, args[0], shape) : { edges: [] };
}

function readTarget(name: string, place: Place | undefined, kind: Edge["kind"]): ActionReading {
  const targets = place ? textsOf(place) : [];
  if (!targets) return { edges: [], gap: `the target of ${name} is computed` };
  return { edges: targets.map((to) => ({ to, kind, label: null })) };
}

function readOptions(name: string, place: Place | undefined, shape: Shape): ActionReading {
  const properties = place ? propertiesOf(place) : [];
  if (!properties) return { edges: [], gap: `the options of ${name} are computed` };
  const readings = Object.entries(shape.states ?? {}).map(([option, kind]): ActionReading[] =>
    valuesOf(properties, option).map((value) => readTarget(`${name}'s ${option}`, value, kind)),
  );
  const tables = shape.transitions ? valuesOf(properties, "transitions").map((value) => readTable(name, value)) : [];
  return join([...readings.flat(), ...tables]);
}

function readTable(name: string, place: Place): ActionReading {
  const properties = propertiesOf(place);
  if (!properties) return { edges: [], gap: `the transitions of ${name} are computed` };
  return join(
    properties.map(({ name: label, value }) => {
      const { edges, gap } = readTarget(name, value, "outcome");
      const labelled = edges.map((edge) => ({ ...edge, label }));
      return gap === undefined ? { edges: labelled } : { edges: labelled, gap };
    }),
  );
}

/** Keeps what could be read beside what couldn't: it is checked all the same. */
function join(readings: readonly ActionReading[]): ActionReading {
  const edges = readings.flatMap((reading) => reading.edges);
  const gap = readings.find((reading) => reading.gap !== undefined)?.gap;
  return gap === undefined ? { edges } : { edges, gap };
}
