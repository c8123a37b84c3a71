import type { StandardSchema } from "#core/definition";
import { describe, quote } from "#core/describe";
import { isName, maxNameLength } from "#core/names";
import { didYouMean } from "#core/nearest";

/** What the constructor was given, as far as it is right. */
export interface CheckedOptions {
  name: string;
  apiVersion: string | null;
  apiEndpoint: string | null;
  states: readonly string[] | undefined;
  dataStores: (readonly [string, unknown])[];
  inputSchema: StandardSchema | undefined;
  maxTransitions: number;
}

const defaultMaxTransitions = 10_000;

const known = ["name", "apiVersion", "apiEndpoint", "states", "dataStores", "inputSchema", "maxTransitions"];
const segment = /^[A-Za-z0-9._~-]+$/;
const maxEndpointLength = 255;

/** Reads the options of a blueprint; every problem is pushed onto `problems`, and the default is used instead. */
export function checkOptions(options: unknown, problems: string[]): CheckedOptions {
  if (typeof options !== "object" || options === null) {
    problems.push(`the options of a blueprint are an object with a name, got ${describe(options)}`);
    return checkOptions({ name: "?" }, problems);
  }
  const given = options as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) problems.push(`unknown option "${key}"${didYouMean(key, known)}`);
  }
  return {
    name: checkName(given["name"], problems),
    apiVersion: checkVersion(given["apiVersion"], problems),
    apiEndpoint: checkEndpoint(given["apiEndpoint"], problems),
    states: checkStates(given["states"], problems),
    dataStores: checkDataStores(given["dataStores"], problems),
    inputSchema: checkSchema(given["inputSchema"], problems),
    maxTransitions: checkMaxTransitions(given["maxTransitions"], problems),
  };
}

function checkName(name: unknown, problems: string[]): string {
  if (isName(name)) return name;
  problems.push(`name is a text of 1 to ${maxNameLength} characters, got ${describe(name)}`);
  return "?";
}

function checkVersion(version: unknown, problems: string[]): string | null {
  if (version === undefined || version === null) return null;
  if (isName(version) && isSegment(version)) return version;
  problems.push(`apiVersion is one segment of a path, like "v1", got ${describe(version)}`);
  return null;
}

function checkEndpoint(endpoint: unknown, problems: string[]): string | null {
  if (endpoint === undefined || endpoint === null) return null;
  const path = typeof endpoint === "string" ? endpoint.replace(/^\//, "") : "";
  if (path.length <= maxEndpointLength && path.split("/").every(isSegment)) return path;
  const expected = `a path of letters, digits and - . _ ~, like "/jobs/my_flow", of at most ${maxEndpointLength} characters`;
  problems.push(`apiEndpoint is ${expected}, got ${describe(endpoint)}`);
  return null;
}

/** `.` and `..` would be resolved by every client before the path is sent. */
function isSegment(text: string): boolean {
  return segment.test(text) && text !== "." && text !== "..";
}

function checkStates(states: unknown, problems: string[]): readonly string[] | undefined {
  if (states === undefined) return undefined;
  if (!Array.isArray(states) || states.length === 0 || !states.every(isName)) {
    problems.push(`states is a list of the names of states, got ${describe(states)}`);
    return undefined;
  }
  const twice = states.find((name, index) => states.indexOf(name) !== index);
  if (twice !== undefined) problems.push(`states lists ${quote(twice)} twice`);
  return states;
}

function checkDataStores(stores: unknown, problems: string[]): [string, unknown][] {
  if (stores === undefined) return [];
  if (typeof stores === "object" && stores !== null && !Array.isArray(stores)) return Object.entries(stores);
  problems.push(`dataStores is an object of stores by name, got ${describe(stores)}`);
  return [];
}

function checkSchema(schema: unknown, problems: string[]): StandardSchema | undefined {
  if (schema === undefined || isSchema(schema)) return schema;
  problems.push(`inputSchema is a Standard Schema (Zod, Valibot, ArkType …), got ${describe(schema)}`);
  return undefined;
}

/** Schemas may be functions (ArkType's are). */
function isSchema(value: unknown): value is StandardSchema {
  const standard = (value as Partial<StandardSchema> | null)?.["~standard"];
  return standard?.version === 1 && typeof standard.validate === "function";
}

function checkMaxTransitions(max: unknown, problems: string[]): number {
  if (max === undefined) return defaultMaxTransitions;
  if (typeof max === "number" && Number.isSafeInteger(max) && max >= 1) return max;
  problems.push(`maxTransitions is a whole number of at least 1, got ${describe(max)}`);
  return defaultMaxTransitions;
}
