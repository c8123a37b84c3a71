// What isn't quite HTTP: sockets that stop half-way, headers that contradict each other, garbage in a pipeline.
import { connect } from "node:net";
import type { Random } from "../simulate/random.ts";
import { tokens } from "./attacked-engine.ts";

/** What one socket says, and how often it is to be answered in the form of all answers. */
export interface Speech {
  kind: string;
  text: string;
  /** Exactly these statuses, in this order; whatever else is below 500 if it is left out. */
  statuses?: readonly number[];
  /** The socket is cut after so many milliseconds, without waiting for an answer. */
  cutAfterMs?: number;
  /** One byte after the other. */
  slowly?: boolean;
}

const status = "GET /_public/status HTTP/1.1\r\nHost: a\r\n\r\n";
const client = `Host: a\r\nX-Client-Token: ${tokens.client}\r\n`;
const post = `POST /api/v1/quick HTTP/1.1\r\n${client}Content-Type: application/json\r\n`;

export function anySpeech(random: Random): Speech {
  return random.pick(speeches)(random);
}

const speeches: readonly ((random: Random) => Speech)[] = [
  (random) => ({ kind: "half a head", text: status.slice(0, random.int(1, status.length - 2)), cutAfterMs: 5 }),
  () => ({ kind: "half a body", text: `${post}Content-Length: 100\r\n\r\n{"a":`, cutAfterMs: 5 }),
  () => ({ kind: "half a chunk", text: `${post}Transfer-Encoding: chunked\r\n\r\nff\r\n{"a"`, cutAfterMs: 5 }),
  (random) => ({
    kind: "a poll that goes",
    text: `GET /_worker/workers/w${random.int(1, 3)}/tasks/next HTTP/1.1\r\nHost: a\r\nX-Worker-Token: ${tokens.worker}\r\n\r\n`,
    cutAfterMs: random.int(0, 10),
  }),
  (random) => ({
    kind: "a content length that is none",
    text: `${post}Content-Length: ${random.pick(["x", "-1", "1e3", "0x10", "+2", "99999999999999999999999", "2, 2", "2\r\nContent-Length: 3"])}\r\n\r\n{}`,
    statuses: [400],
  }),
  () => ({
    kind: "two lengths",
    text: `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    statuses: [400],
  }),
  (random) => ({
    kind: "bad chunks",
    text: `${post}Transfer-Encoding: chunked\r\n\r\n${random.pick(["zz\r\n{}", "-1\r\n", "ffffffffffffffffff\r\n{}", `2;${"x".repeat(20_000)}\r\n{}`])}`,
  }),
  () => ({
    kind: "chunks",
    text: `${post}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n`,
    statuses: [202],
  }),
  () => ({ kind: "a pipeline", text: status.repeat(10), statuses: Array<number>(10).fill(200) }),
  (random) => ({
    kind: "garbage in a pipeline",
    text: status + random.pick(["garbage\r\n\r\n", "\u0000\u0001\u0002\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"]),
  }),
  (random) => ({
    kind: "odd headers",
    text: `GET /_public/status HTTP/1.1\r\nHost: a\r\n${random.pick(["X: \u0000", "X : 1", "X\u0000: 1", ": 1", "X: a\r\n b", "X: \u007f", "\u00fc: 1"])}\r\n\r\n`,
  }),
  () => ({ kind: "bare line feeds", text: status.replaceAll("\r\n", "\n") }),
  (random) => ({
    kind: "another protocol",
    text: random.pick([
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
      "*1\r\n$4\r\nPING\r\n",
      "GET /_public/status HTTP/1.1\u0000\r\n\r\n",
      "get /_public/status HTTP/1.1\r\nHost: a\r\n\r\n",
    ]),
    statuses: [400],
  }),
  () => ({ kind: "HTTP/1.0", text: "GET /_public/status HTTP/1.0\r\n\r\n", statuses: [200] }),
  () => ({ kind: "HTTP/0.9", text: "GET /\r\n\r\n" }),
  () => ({ kind: "no host", text: "GET /_public/status HTTP/1.1\r\n\r\n", statuses: [400] }),
  (random) => ({
    kind: "another form of target",
    text: `${random.pick(["GET http://evil/api/v1/jobs", "GET https://evil:1/_worker/tasks/x", "OPTIONS *", "GET *", "GET //api/v1/jobs", "GET api/v1/jobs"])} HTTP/1.1\r\nHost: a\r\n\r\n`,
  }),
  () => ({ kind: "a proxy's method", text: "CONNECT evil:443 HTTP/1.1\r\nHost: a\r\n\r\n" }),
  () => ({
    kind: "headers beyond the limit",
    text: `GET /_public/status HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(40_000)}\r\n\r\n`,
    statuses: [431],
  }),
  () => ({
    kind: "many headers",
    text: `GET /_public/status HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(2500)}\r\n`,
  }),
  () => ({
    kind: "expect: 100-continue",
    text: `${post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`,
    statuses: [100, 202],
  }),
  () => ({
    kind: "another expectation",
    text: "GET /_public/status HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n",
    statuses: [200],
  }),
  (random) => ({
    kind: "an upgrade",
    text: `GET ${random.pick(["/_public/status", "/api/v1/jobs", "/_worker/ws", "/_worker/ws/w1"])} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${random.pick(["websocket", "h2c"])}\r\nSec-WebSocket-Key: x\r\n\r\n`,
  }),
  () => ({
    kind: "a body of a GET",
    text: `GET /_public/status HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{{{{{`,
  }),
  () => ({ kind: "slowly", text: `${post}Content-Length: 7\r\n\r\n{"a":1}`, slowly: true, statuses: [202] }),
];

/** How long an answer that has to come may take; whatever else may come is given less. */
const patienceMs = 15_000;
const quietMs = 400;

/** Says it, and answers what came back: all that has to come, or whatever comes until the socket closes or falls silent. */
export function say({ text, statuses, cutAfterMs, slowly = false }: Speech, port: number): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect(port, "127.0.0.1");
    const end = (): void => {
      socket.destroy();
      resolve(heard);
    };
    let patience = setTimeout(end, cutAfterMs ?? (statuses === undefined ? quietMs : patienceMs));
    socket.setEncoding("latin1").on("data", (part) => {
      heard += part;
      const isAll = statuses !== undefined && answersIn(heard, !text.startsWith("HEAD")).length >= statuses.length;
      if (cutAfterMs !== undefined || (statuses !== undefined && !isAll)) return;
      // More than was expected would be a fault.
      clearTimeout(patience);
      patience = setTimeout(end, isAll ? 50 : quietMs);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(patience);
      resolve(heard);
    });
    if (!slowly) socket.write(text, "latin1");
    else for (const letter of text) socket.write(letter, "latin1");
  });
}

/** The whole answers in what a socket gave, one after the other; to a HEAD they have no bodies. */
export function answersIn(
  heard: string,
  hasBodies = true,
): { status: number; headers: string; text: string; contentType: string }[] {
  const answers = [];
  for (let rest = heard; rest.startsWith("HTTP/1.1 "); ) {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) break;
    const headers = rest.slice(0, end);
    const length = hasBodies ? Number(/^content-length: (\d+)/im.exec(headers)?.[1] ?? 0) : 0;
    if (rest.length < end + 4 + length) break;
    const contentType = /^content-type: (.*)/im.exec(headers)?.[1]?.trim() ?? "";
    answers.push({
      status: Number(headers.slice(9, 12)),
      headers,
      text: rest.slice(end + 4, end + 4 + length),
      contentType,
    });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}
