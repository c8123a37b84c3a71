import type { Contract, JsonSchema } from "../contract/contract.ts";
import type { Random } from "../simulate/random.ts";
import type { Attack, Expected } from "./attack.ts";
import { tokens } from "./attacked-engine.ts";
import type { Pools } from "./pools.ts";
import { headersOf, pathOf, type Shape } from "./shapes.ts";
import { bodyPlace, type Field, type Route, type Step } from "./surface.ts";
import {
  bodyValues,
  either,
  type Hostile,
  headerValues,
  noNumber,
  pathValues,
  queryValues,
  refused,
  tokenValues,
} from "./values.ts";

/** A field, and what is sent in it. */
export interface FieldTrial {
  route: Route;
  shape: Shape;
  field: Field;
  hostile: Hostile;
}

/** Fields whose meaning decides beside their form: an allowed value of theirs may be refused with a 400. */
const meant: Readonly<Record<string, string>> = {
  decision: "the job says which ones it takes",
  state: "the blueprint says which ones it has",
  worker_id: "in a heartbeat it is the path's",
  webhook_url: "this version sends no webhooks",
  cursor: "it is one that the engine gave",
  supported_tasks: "a registration needs it, or supported_skills",
};
/** They hold the answer: what is allowed, and long, isn't hostile. */
const holding = ["wait", "timeout"];
const longestHold = 0.01;
const mark = "@hostile@";

/**
 * `count` values for a field, all different: from fifty on with everything at and past its bounds. Throws if there
 * aren't so many.
 */
export function trialsOf(route: Route, shape: Shape, field: Field, count: number, random: Random): FieldTrial[] {
  const { bounds, others } = valuesOf(field, shape);
  const shuffled = shuffle(others, random);
  const wanted = count >= enoughForBounds ? [...bounds, ...shuffled] : shuffle([...bounds, ...shuffled], random);
  const different = [...new Map(wanted.map((hostile) => [hostile.text, hostile])).values()];
  const usable = different.filter((hostile) => !isSlow(field, hostile));
  if (usable.length < count) throw new Error(`${route.name}: ${field.name} has only ${usable.length} values`);
  return usable.slice(0, count).map((hostile) => ({ route, shape, field, hostile }));
}

const enoughForBounds = 50;

/** A right request with one hostile value in it, and what the document says of it. */
export function fieldAttack(trial: FieldTrial, contract: Contract, random: Random, pools: Pools): Attack {
  const { route, shape, field, hostile } = trial;
  const right = shape.right(random, pools);
  const pattern = route.name.slice(route.method.length + 1);
  const hasBody = route.method !== "GET";
  const attack: Attack = {
    route: route.name,
    kind: `${field.place} ${field.name}`,
    method: route.method,
    path: pathOf(pattern, right),
    headers: headersOf(shape.group, route.method),
    body: hasBody ? JSON.stringify(right.body ?? {}) : null,
    expected: expectedOf(trial, right.body, contract),
  };
  switch (field.place) {
    case "path":
      return { ...attack, path: pattern.replace(`:${field.name}`, () => hostile.text) };
    case "query":
      return { ...attack, path: `${pathOf(pattern, { ...right, query: {} })}?${field.name}=${hostile.text}` };
    case "header":
      return { ...attack, headers: { ...attack.headers, [field.name.toLowerCase()]: hostile.text } };
    case "token": {
      const { "x-client-token": _client, "x-worker-token": _worker, ...headers } = attack.headers;
      const given = field.name === "Authorization" ? `Bearer ${hostile.text}` : hostile.text;
      // The first header of several counts: with this one wrong the right one doesn't.
      const more = field.name === "X-Avtomatika-Token" ? { "x-client-token": tokens.client } : {};
      return { ...attack, headers: { ...headers, ...more, [field.name.toLowerCase()]: given } };
    }
    case "body": {
      const text = JSON.stringify(put(baseOf(trial, right.body, contract), field.steps, mark));
      return { ...attack, body: text.replace(`"${mark}"`, () => hostile.text) };
    }
  }
}

function valuesOf(
  { place, name, schema }: Field,
  { group }: Shape,
): { bounds: readonly Hostile[]; others: readonly Hostile[] } {
  switch (place) {
    case "path":
      return pathValues();
    case "query":
      return queryValues(name, schema);
    case "header":
      return headerValues(schema);
    case "token":
      return group === "worker" ? tokenValues(tokens.worker, tokens.client) : tokenValues(tokens.client, tokens.worker);
    case "body":
      return bodyValues(schema);
  }
}

function isSlow({ place, name }: Field, { read }: Hostile): boolean {
  return place === "query" && holding.includes(name) && typeof read === "number" && read > longestHold && read <= 60;
}

/** The document decides: what violates its schema is a 400 that names the field, anything else is not. */
function expectedOf(trial: FieldTrial, body: unknown, contract: Contract): Expected {
  const { route, shape, field, hostile } = trial;
  if (field.place === "token") return { status: [401] };
  const read = hostile.read === noNumber ? (shape.group === "worker" ? null : refused) : hostile.read;
  if (read === refused) return { status: [400] };
  if (read === either) return {};
  const found =
    field.place === "body"
      ? contract.violations(bodyPlace(route), put(baseOf(trial, body, contract), field.steps, read))
      : contract.violations(field.at, read);
  const name = field.steps.findLast((step) => step !== "[]" && step !== "{}") ?? field.name;
  if (found !== null) {
    const isBatch = shape.creates !== undefined && field.steps[0] === "jobs";
    // Each entry is judged on its own, and called a body, as if it had come alone.
    if (isBatch && field.steps.length > 1) return { status: [202], rejects: name === "jobs" ? "expected" : name };
    if (isBatch && Array.isArray(read) && read.length > 0 && read.length <= 1000) return { status: [202] };
    return { status: [400], message: name };
  }
  const isMeant = Object.hasOwn(meant, name) || shape.answers.includes(400);
  const told = Object.keys(route.operation.responses).map(Number);
  const never = [401, 403, 413, 415, ...(isMeant ? [] : [400])];
  return { status: told.filter((status) => shape.answers.includes(status) || !never.includes(status)) };
}

/** The right body that the value is put into. Of a creation it is made anew: what a field means depends on its form. */
function baseOf({ route, shape, field }: FieldTrial, body: unknown, contract: Contract): unknown {
  if (shape.creates === undefined) return body ?? {};
  const isBatch = route.name.endsWith("/batch");
  const [key = ""] = isBatch ? field.steps.slice(2) : field.steps;
  const { properties = {} } = contract.document.components.schemas["CreationEnvelope"] as JsonSchema;
  const data = shape.data ?? {};
  const entry = key === "" || Object.hasOwn(properties, key) ? { initial_data: data } : data;
  return isBatch ? { jobs: [entry] } : entry;
}

/** A copy with a value at a place; what leads to it is made where it is missing. */
function put(base: unknown, [step, ...rest]: readonly Step[], value: unknown): unknown {
  if (step === undefined) return value;
  if (step === "[]") return [put(Array.isArray(base) ? base[0] : undefined, rest, value)];
  const object = typeof base === "object" && base !== null && !Array.isArray(base) ? base : {};
  // Under a key of its own, with what another one has.
  if (step === "{}") return { ...object, key: put(Object.values(object)[0], rest, value) };
  return { ...object, [step]: put((object as Record<string, unknown>)[step], rest, value) };
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
