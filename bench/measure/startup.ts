// How long `avtomatika start` takes to its first answer, beside an empty Fastify server: pairs, one after the other.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { outFolder, stageFolder } from "../../scripts/release/packages.ts";
import { stageAll } from "../../scripts/release/stage.ts";
import { Goals, printTable, requireSome } from "../support/table.ts";

/** The goal: so many times the empty server, and so many milliseconds. */
const goal = { factor: 1.5, plusMs: 300 };

const emptyServer = `
import Fastify from "fastify";

const app = Fastify();
app.get("/_public/ready", () => ({ status: "ok" }));
process.once("SIGTERM", () => app.close());
console.log(await app.listen({ port: 0, host: "127.0.0.1" }));
`;

const flow = `
import { StateMachineBlueprint } from "avtomatika";

export const flow = new StateMachineBlueprint({ name: "flow", apiVersion: "v1", apiEndpoint: "/jobs/flow" });
flow.handlerFor("start", { isStart: true }, ({ actions }) => actions.transitionTo("end"));
flow.handlerFor("end", { isEnd: true }, () => {});
`;

export async function startup(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { pairs: { type: "string", default: "15" } } });
  const pairs = Number(values.pairs);
  await stageAll();
  // Where the built packages are found, and those of others.
  mkdirSync(outFolder, { recursive: true });
  const folder = mkdtempSync(join(outFolder, "startup-"));
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(folder, "empty.js"), emptyServer);
    writeFileSync(join(folder, "flow.ts"), flow);
    const launcher = join(stageFolder, "avtomatika", "bin", "avtomatika.js");
    const start = [launcher, "start", "flow.ts", "--host", "127.0.0.1", "--port", "0"];
    const programs = {
      "an empty Fastify server": ["empty.js"],
      "avtomatika start, memory": [...start, "--storage", "memory"],
      "avtomatika start, SQLite": [...start, "--storage", "sqlite:engine.db"],
    };
    const times = await measure(programs, folder, pairs);
    report(times);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first round is not counted: it fills the caches of the disk and of the compiler. */
async function measure(programs: Record<string, string[]>, cwd: string, pairs: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round <= pairs; round++) {
    for (const [name, args] of Object.entries(programs)) {
      const ms = await timeToAnswer(args, cwd);
      if (round > 0) times.get(name)?.push(ms);
    }
  }
  return times;
}

async function timeToAnswer(args: string[], cwd: string): Promise<number> {
  const env = { ...process.env, CLIENT_TOKEN: "client", GLOBAL_WORKER_TOKEN: "worker", LOG_LEVEL: "error" };
  const begun = performance.now();
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(child, "exit");
  try {
    const [line] = (await Promise.race([once(child.stdout, "data"), gone])) as [unknown];
    const response = await fetch(`${String(line).trim()}/_public/ready`);
    const ms = performance.now() - begun;
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${args.join(" ")} answered ${response.status}`);
    return ms;
  } finally {
    child.kill("SIGTERM");
    await gone;
  }
}

function report(times: Map<string, number[]>): void {
  const rows = [...times].map(([name, all]) => [name, all.length, Math.min(...all), median(all), Math.max(...all)]);
  printTable(["program", "starts", "fastest ms", "median ms", "slowest ms"], rows as (string | number)[][]);
  const [bare = 0, ...engines] = [...times.values()].map(median);
  const [, memory, sqlite] = [...times.keys()];
  requireSome("starts of the empty server", times.values().next().value?.length ?? 0, 1);
  const goals = new Goals();
  const bound = bare * goal.factor + goal.plusMs;
  goals.atMost(`${memory}, ms`, engines[0] ?? Number.NaN, bound);
  goals.atMost(`${sqlite}, ms`, engines[1] ?? Number.NaN, bound);
  console.log(`startup: an empty server answers after ${bare.toFixed(0)} ms, ${goals.summary}`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
