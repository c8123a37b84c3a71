import type { Random } from "../simulate/random.ts";
import type { Attack, Expected } from "./attack.ts";
import { tokens } from "./attacked-engine.ts";
import { boundTrials, queryKeys, requiredKeys, type Trial, wrongTexts, wrongTypes } from "./fields.ts";
import type { Pools } from "./pools.ts";
import { anyJson, anyObject, mebibyte, type Right, type Shape } from "./shapes.ts";

/** A right request to a route, and what is to be broken about it. */
interface Plan {
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

/** Ids as nobody makes them. Encoded where a path needs it. */
const oddIds = [
  "__proto__",
  "constructor",
  "toString",
  "0",
  "12345678901234567890",
  "%F0%9F%92%A5",
  "%C3%BC%CC%81",
  "a%2Fb",
  "..%2F..%2Fetc%2Fpasswd",
  "%2e%2e",
  "..",
  ".",
  "*",
  "%24x",
  "%2A",
  "null",
  "a%20b",
  "a;b=1",
  "a+b",
  "%5C",
  "'%20OR%201=1--",
  "00000000-0000-7000-8000-000000000000",
  "00000000-0000-7000-8000-ffffffffffff_0_0_1",
  "x_999999999999999_999999999999999_999999999999999",
  "x".repeat(128),
];
/** Refused as such: too long, control characters, no UTF-8. */
const badIds = ["x".repeat(129), "x".repeat(4097), "9".repeat(10_000), "%00", "a%0Ab", "%7F", "%C2%85"];
const undecodable = ["%ff", "%zz", "%", "%ED%A0%80", "%c0%ae"];

const breakers: Readonly<Record<string, (plan: Plan) => Change | null>> = {
  right: ({ shape }) => ({ expected: { status: shape.answers } }),
  "wrong type": (plan) => pickTrial(plan, plan.shape.body === undefined ? [] : wrongTypes(plan.shape.body)),
  "missing field": (plan) => {
    const { shape, random } = plan;
    const keys = shape.body === undefined ? [] : requiredKeys(shape.body);
    if (keys.length === 0 || !isRecord(plan.right.body)) return null;
    const key = random.pick(keys);
    const { [key]: _gone, ...rest } = plan.right.body;
    return { body: JSON.stringify(rest), expected: { status: [400], message: key } };
  },
  bound: (plan) => {
    // Their meaning decides too: of those only what is past the bound is judged.
    const meant = ["decision", "state", "worker_id"];
    const trials = plan.shape.body === undefined ? [] : boundTrials(plan.shape.body);
    return pickTrial(
      plan,
      trials.filter(({ key, isRight }) => !isRight || !meant.includes(key)),
    );
  },
  query: (plan) => {
    const { shape, random } = plan;
    if (shape.query === undefined) return null;
    // A wait or hold at its bound would be one.
    const slow = ["wait", "timeout", "cursor"];
    const bounds = boundTrials(shape.query).filter(({ key, isRight }) => !isRight || !slow.includes(key));
    const trials = [...bounds, ...wrongTexts(shape.query)];
    if (queryKeys(shape.query).includes("wait")) trials.push({ key: "wait", value: "60.001", isRight: false });
    if (trials.length === 0) return null;
    const { key, value, isRight } = random.pick(trials);
    const path = pathOf(plan, { query: { [key]: String(value) } });
    return { path, expected: isRight ? { notAbout: key } : { status: [400], message: key } };
  },
  "repeated query": (plan) => {
    if (plan.shape.query === undefined) return null;
    const key = plan.random.pick(queryKeys(plan.shape.query));
    return {
      path: `${pathOf(plan, { query: {} })}?${key}=1&${key}=2`,
      expected: { status: [400], message: key },
    };
  },
  "odd query": (plan) => {
    const odd = ["__proto__=1", "constructor[a]=1", "a=%zz", "=&&&", "%00=%ff", `x=${"y".repeat(8000)}`, "?a=b?c"];
    return { path: `${pathOf(plan, {})}${plan.shape.query ? "&" : "?"}${plan.random.pick(odd)}`, expected: {} };
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
    const isAny = plan.shape.body === undefined;
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
    const keys = plan.shape.body === undefined ? [] : wrongTypes(plan.shape.body).map(({ key }) => key);
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
    return { headers: { ...headersOf(plan), "content-type": type }, expected: { status: [415] } };
  },
  "content encoding": (plan) => {
    if (bodyText(plan) === null) return null;
    const encoding = plan.random.pick(["gzip", "br", "deflate", "identity, gzip", "x".repeat(5000)]);
    return { headers: { ...headersOf(plan), "content-encoding": encoding }, expected: { status: [415] } };
  },
  "odd headers": (plan) => ({
    headers: {
      ...headersOf(plan),
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
  "idempotency key": (plan) => {
    if (plan.shape.creates === undefined) return null;
    const { random } = plan;
    const kind = random.int(0, 3);
    const key =
      kind === 0 ? "k".repeat(255) : kind === 1 ? "k".repeat(256) : kind === 2 ? "" : `key ${random.int(0, 20)}`;
    const isBad = kind === 1 || kind === 2;
    // The same key with another body is a conflict.
    const expected: Expected = isBad
      ? { status: [400], message: "Idempotency-Key" }
      : { status: [...plan.shape.answers, 409], notAbout: "Idempotency-Key: expected" };
    return { headers: { ...headersOf(plan), "idempotency-key": key }, expected };
  },
  "odd id": (plan) => withId(plan, oddIds, {}),
  "bad id": (plan) => withId(plan, badIds, refused),
  "undecodable id": (plan) => withId(plan, undecodable, refused),
  "another path": (plan) => {
    const path = pathOf(plan, { query: {} });
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
    path: pathOf(plan, { query: {} }),
    body: null,
    expected: { status: [405] },
  }),
  huge: (plan) => {
    const { bodyLimit = mebibyte } = plan.shape;
    if (bodyText(plan) === null || bodyLimit > mebibyte || !plan.random.chance(0.3)) return null;
    const past = plan.random.chance(0.5);
    const text = plan.random.pick(['"', "[[[[", "9", "\\u0000", " ", "💥", "NaN,", "{}"]).repeat(bodyLimit);
    const bytes = Buffer.from(text.slice(0, bodyLimit)).subarray(0, past ? bodyLimit + 1 : bodyLimit);
    const body = past && bytes.length <= bodyLimit ? Buffer.concat([bytes, Buffer.from(" ")]) : bytes;
    return { body, expected: past ? { status: [413] } : {} };
  },
};

const kinds = Object.keys(breakers);

/** One attack on a route; every third request is right, so that there is something to attack. `wanted` chooses its kind. */
export function attackOn(route: string, shape: Shape, random: Random, pools: Pools, wanted?: string): Attack {
  const [method = "", pattern = ""] = route.split(" ");
  const plan: Plan = { method, pattern, shape, right: shape.right(random, pools), random, pools };
  for (;;) {
    const kind = wanted ?? (random.chance(0.3) ? "right" : random.pick(kinds));
    const change = breakers[kind]?.(plan) ?? null;
    if (change === null && wanted !== undefined) throw new Error(`${route} has no attack of kind "${wanted}"`);
    if (change === null) continue;
    return {
      route,
      kind,
      method,
      path: pathOf(plan, plan.right),
      headers: headersOf(plan),
      body: bodyText(plan),
      ...change,
    };
  }
}

function pickTrial(plan: Plan, trials: readonly Trial[]): Change | null {
  if (trials.length === 0 || !isRecord(plan.right.body)) return null;
  const { key, value, isRight } = plan.random.pick(trials);
  // Without it the body would be no envelope, but the data itself.
  const body = JSON.stringify({ ...plan.right.body, [key]: value });
  return { body, expected: isRight ? { notAbout: key } : { status: [400], message: key } };
}

/** The right body with more keys. */
function insert(plan: Plan, members: string, expected: Expected): Change | null {
  const text = bodyText(plan);
  if (text === null || !text.startsWith("{")) return null;
  return { body: text === "{}" ? `{${members}}` : `{${members},${text.slice(1)}`, expected };
}

function withId(plan: Plan, ids: readonly string[], expected: Expected): Change | null {
  if (plan.right.params === undefined) return null;
  const id = plan.random.pick(ids);
  const path = plan.pattern.replaceAll(/:\w+/g, () => id);
  return { path, expected };
}

/** The path of a right request, with another query if one is given. */
function pathOf({ pattern, right }: Plan, { query = right.query ?? {} }: Pick<Right, "query">): string {
  const path = pattern.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(right.params?.[name] ?? "x"));
  const search = new URLSearchParams(query).toString();
  return search === "" ? path : `${path}?${search}`;
}

function headersOf({ shape, method }: Plan): Record<string, string> {
  const type: Record<string, string> =
    method === "GET" || method === "HEAD" ? {} : { "content-type": "application/json" };
  if (shape.group === "public") return type;
  return shape.group === "client"
    ? { ...type, "x-client-token": tokens.client }
    : { ...type, "x-worker-token": tokens.worker };
}

function bodyText({ method, right }: Plan): string | null {
  if (method === "GET" || method === "HEAD") return null;
  return JSON.stringify(right.body ?? {});
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
