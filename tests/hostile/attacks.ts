import type { Random } from "../simulate/random.ts";
import type { Attack, Expected } from "./attack.ts";
import { tokens } from "./attacked-engine.ts";
import type { Pools } from "./pools.ts";
import { anyJson, anyObject, headersOf, pathOf, type Right, type Shape } from "./shapes.ts";
import type { Route } from "./surface.ts";

/** A right request to a route, and what is to be broken about it. */
interface Plan {
  route: Route;
  method: string;
  pattern: string;
  shape: Shape;
  right: Right;
  random: Random;
  pools: Pools;
}

/** What is changed of the right request. */
type Change = Partial<Pick<Attack, "method" | "path" | "headers" | "body">> & { expected: Expected };

const refused: Expected = { status: [400] };
const big = "9007199254740993";

const breakers: Readonly<Record<string, (plan: Plan) => Change | null>> = {
  right: ({ shape }) => ({ expected: { status: shape.answers } }),
  "missing field": ({ route, right, random }) => {
    if (route.required.length === 0 || typeof right.body !== "object") return null;
    const key = random.pick(route.required);
    const { [key]: _gone, ...rest } = right.body as Record<string, unknown>;
    return { body: JSON.stringify(rest), expected: { status: [400], message: key } };
  },
  "odd query": (plan) => {
    const odd = ["__proto__=1", "constructor[a]=1", "a=%zz", "=&&&", "%00=%ff", `x=${"y".repeat(8000)}`, "?a=b?c"];
    const path = pathOf(plan.pattern, plan.right);
    return { path: `${path}${path.includes("?") ? "&" : "?"}${plan.random.pick(odd)}`, expected: {} };
  },
  "hostile keys": (plan) =>
    insert(
      plan,
      `"__proto__":{"admin":true,"status":"x"},"constructor":{"prototype":{"x":1}},"toString":null,"hasOwnProperty":5`,
      { status: plan.shape.answers },
    ),
  "doubled keys": (plan) => insert(plan, '"q":1,"q":2,"__proto__":1,"__proto__":{}', { status: plan.shape.answers }),
  "not a number": (plan) => {
    const word = plan.random.pick(["NaN", "Infinity", "-Infinity", "1e999", "-1e999", `1${"0".repeat(400)}.5`]);
    return insert(plan, `"q":${word}`, { status: plan.shape.group === "worker" ? plan.shape.answers : [400] });
  },
  "large integers": (plan) => insert(plan, `"q":[${big},-${big},${"9".repeat(5000)}]`, { status: plan.shape.answers }),
  deep: (plan) => {
    const levels = plan.random.pick([99, 100, 100, 5000, 100_000]);
    const nested = plan.random.chance(0.5)
      ? "[".repeat(levels) + "]".repeat(levels)
      : `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    return insert(plan, `"q":${nested}`, { status: levels === 99 ? plan.shape.answers : [400] });
  },
  "cut off": (plan) => {
    const text = bodyText(plan);
    return text === null ? null : { body: text.slice(0, plan.random.int(1, text.length - 1)), expected: refused };
  },
  "more after it": (plan) => {
    const text = bodyText(plan);
    return text === null ? null : { body: text + plan.random.pick(["x", "}", ",", "{}", "\u0000"]), expected: refused };
  },
  "not UTF-8": (plan) => {
    const text = bodyText(plan);
    if (text === null) return null;
    const bytes = Buffer.concat([Buffer.from('{"q":"'), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}')]);
    return { body: bytes, expected: { status: [400], message: "UTF-8" } };
  },
  "another JSON": (plan) => {
    if (bodyText(plan) === null) return null;
    const isAny = plan.route.operation.requestBody === undefined;
    const body = plan.random.pick(["5", '"x"', "[]", "true", "[null]"]);
    return { body, expected: isAny ? { status: plan.shape.answers } : refused };
  },
  "no JSON": (plan) =>
    bodyText(plan) === null
      ? null
      : { body: plan.random.pick(["{", "'{}'", "undefined", "{a:1}", "[1,]", "\u0001", "<xml/>"]), expected: refused },
  "next to nothing": (plan) =>
    bodyText(plan) === null
      ? null
      : { body: plan.random.pick(["", " ", "\ufeff", "null", "{}", "\r\n"]), expected: {} },
  garbage: (plan) => {
    if (bodyText(plan) === null) return null;
    const keys = plan.route.fields.filter(({ steps }) => steps.length === 1).map(({ name }) => name);
    const body = anyObject(plan.random);
    for (const key of keys) if (plan.random.chance(0.3)) body[key] = anyJson(plan.random);
    return { body: JSON.stringify(body), expected: {} };
  },
  token: (plan) => {
    const { group } = plan.shape;
    if (group === "public") return null;
    const own = tokens[group];
    const wrong = plan.random.pick(["", "x", own.slice(0, -1), `${own}x`, own.toUpperCase(), `${own}, ${own}`, "\xff"]);
    const foreign = group === "client" ? tokens.worker : tokens.client;
    const headers = plan.random.pick<Attack["headers"]>([
      {},
      { "x-client-token": wrong, "x-worker-token": wrong },
      { "x-client-token": foreign, "x-worker-token": foreign },
      { [group === "client" ? "x-worker-token" : "x-client-token"]: own },
      { "x-avtomatika-token": wrong, "x-client-token": tokens.client },
      { authorization: plan.random.pick(["Bearer", `Basic ${own}`, own, `Bearer ${"x".repeat(8000)}`]) },
      { "x-client-token": [own, own], "x-worker-token": [own, own] },
      { cookie: `token=${own}`, "proxy-authorization": `Bearer ${own}` },
    ]);
    return { headers: { "content-type": "application/json", ...headers }, expected: { status: [401] } };
  },
  "content type": (plan) => {
    if (bodyText(plan) === null) return null;
    const type = plan.random.pick([
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonx",
      "json",
      "text/json",
      `${"a".repeat(8000)}/json`,
      `application/${"a+".repeat(3000)}json`,
    ]);
    return {
      headers: { ...headersOf(plan.shape.group, plan.method), "content-type": type },
      expected: { status: [415] },
    };
  },
  "content encoding": (plan) => {
    if (bodyText(plan) === null) return null;
    const encoding = plan.random.pick(["gzip", "br", "deflate", "identity, gzip", "x".repeat(5000)]);
    return {
      headers: { ...headersOf(plan.shape.group, plan.method), "content-encoding": encoding },
      expected: { status: [415] },
    };
  },
  "odd headers": (plan) => ({
    headers: {
      ...headersOf(plan.shape.group, plan.method),
      traceparent: plan.random.pick(["", "00-0-0-0", `ff-${"a".repeat(32)}-${"b".repeat(16)}-01`, "x".repeat(5000)]),
      tracestate: plan.random.pick(["", "\xff\xfe", "a=b,".repeat(1000)]),
      "x-request-id": "../../x",
      "request-id": "x".repeat(1000),
      "x-http-method-override": "DELETE",
      "x-forwarded-for": "127.0.0.1",
      "x-original-url": "/_public/status",
      range: "bytes=0-1",
      "if-none-match": "*",
      "accept-encoding": "gzip;q=x",
      accept: "image/png",
      "last-event-id": "__proto__",
      __proto__x: "1",
      constructor: "x",
    },
    expected: { status: plan.shape.answers },
  }),
  "another path": (plan) => {
    const path = pathOf(plan.pattern, { ...plan.right, query: {} });
    const odd = plan.random.pick([
      `${path}/`,
      `/${path}`,
      path.replaceAll("/", "//"),
      path.toUpperCase(),
      `${path}/..`,
      `${path}%2F`,
      `${path};a=b`,
      `${path}/${"x".repeat(9000)}`,
      path.replace(/^\/(.)/, (_all, letter: string) => `/%${letter.charCodeAt(0).toString(16)}`),
      path.replace(/\/(\w)/g, "/./$1"),
      `/%2e%2e${path}`,
      // No HTTP: to a HEAD its refusal has a body.
      plan.method === "HEAD" ? path : path.replace("/", "\\"),
      `${path}#x`,
    ]);
    return { path: odd, expected: {} };
  },
  "another method": (plan) => ({
    method: plan.random.pick(["PUT", "DELETE", "OPTIONS", "PROPFIND", "MKCOL", "TRACE", "QUERY"]),
    path: pathOf(plan.pattern, { ...plan.right, query: {} }),
    body: null,
    expected: { status: [405] },
  }),
  huge: (plan) => {
    const { bodyLimit } = plan.route;
    if (bodyText(plan) === null || bodyLimit > mebibyte || !plan.random.chance(0.3)) return null;
    const past = plan.random.chance(0.5);
    const text = plan.random.pick(['"', "[[[[", "9", "\\u0000", " ", "💥", "NaN,", "{}"]).repeat(bodyLimit);
    const bytes = Buffer.from(text.slice(0, bodyLimit)).subarray(0, past ? bodyLimit + 1 : bodyLimit);
    const body = past && bytes.length <= bodyLimit ? Buffer.concat([bytes, Buffer.from(" ")]) : bytes;
    return { body, expected: past ? { status: [413] } : {} };
  },
};

const kinds = Object.keys(breakers);
/** Larger bodies are a matter of `bounds.ts`. */
const mebibyte = 1024 * 1024;

/** One attack on a route; every third request is right, so that there is something to attack. `wanted` chooses its kind. */
export function attackOn(route: Route, shape: Shape, random: Random, pools: Pools, wanted?: string): Attack {
  const { name, method } = route;
  const pattern = name.slice(method.length + 1);
  const plan: Plan = { route, method, pattern, shape, right: shape.right(random, pools), random, pools };
  for (;;) {
    const kind = wanted ?? (random.chance(0.3) ? "right" : random.pick(kinds));
    const change = breakers[kind]?.(plan) ?? null;
    if (change === null && wanted !== undefined) throw new Error(`${name} has no attack of kind "${wanted}"`);
    if (change === null) continue;
    return {
      route: name,
      kind,
      method,
      path: pathOf(pattern, plan.right),
      headers: headersOf(shape.group, method),
      body: bodyText(plan),
      ...change,
    };
  }
}

/** The right body with more keys. */
function insert(plan: Plan, members: string, expected: Expected): Change | null {
  const text = bodyText(plan);
  if (text === null || !text.startsWith("{")) return null;
  return { body: text === "{}" ? `{${members}}` : `{${members},${text.slice(1)}`, expected };
}

function bodyText({ method, right }: Plan): string | null {
  if (method === "GET" || method === "HEAD") return null;
  return JSON.stringify(right.body ?? {});
}
