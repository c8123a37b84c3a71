import { parseHandler } from "#core/source/parse-handler";
import type { Edge } from "#core/source/read-action";
import { SourceReader } from "#core/source/source-reader";

export type { Edge };

/** What a handler's source says about where it leads. */
export interface Reading {
  edges: readonly Edge[];
  /** Why there may be more edges; undefined if every one was found. */
  gap: string | undefined;
  /** True if an action is chosen somewhere in it. */
  acts: boolean;
}

/**
 * Reads the syntax tree of a handler's source for the states its actions name, through renamed and nested
 * destructuring, variables, constants and choices. Whatever it can't follow makes a gap, never a wrong edge.
 */
export function readTransitions(handler: (...args: never[]) => unknown): Reading {
  const source = Function.prototype.toString.call(handler);
  const reading = readings.get(source) ?? read(handler);
  // Blueprints that are built again and again, by a factory or a reload, have the same few texts.
  if (readings.size >= maxReadings) readings.clear();
  readings.set(source, reading);
  return reading;
}

const maxReadings = 1000;
const readings = new Map<string, Reading>();

function read(handler: (...args: never[]) => unknown): Reading {
  const tree = parseHandler(handler);
  if (!tree) return { edges: [], gap: "its source can't be read (a native, bound or wrapped function)", acts: false };
  const reader = new SourceReader(tree);
  reader.visit(tree);
  return { edges: reader.edges, gap: reader.gap, acts: reader.acts };
}
