// A thousand workers that have nothing to do: what they cost beside a bare server that answers the same requests.
import { parseArgs } from "node:util";
import type { BareFigures } from "../bare-process.ts";
import { Child } from "../support/child.ts";
import type { Asked, CrowdOptions } from "../support/crowd.ts";
import { type EngineFigures, EngineProcess, type StoreName } from "../support/engine.ts";
import { Goals, printTable, requireSome } from "../support/table.ts";

export async function idle(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: "string", default: "90" },
      workers: { type: "string", default: "1000" },
      storage: { type: "string", default: "sqlite" },
    },
  });
  const seconds = Number(values.seconds);
  const count = Number(values.workers);
  const engine = await EngineProcess.start(values.storage as StoreName, { trace: "calls" });
  const bare = new Child("bare-process.ts");
  const { address } = await bare.ask<{ address: string }>("start");
  const crowd = new Child("crowd-process.ts");
  // Both crowds at once: whatever else the machine does, it does to both.
  const options: CrowdOptions = { addresses: [engine.address, address], workers: count };
  await crowd.ask("start", options);
  await Promise.all([engine.reset(), bare.ask("reset"), crowd.ask("reset")]);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const [figures, bareFigures, asked] = await Promise.all([
    engine.figures(),
    bare.ask<BareFigures>("figures"),
    crowd.ask<Asked[]>("asked"),
  ]);
  await crowd.stop();
  await Promise.all([bare.stop(), engine.stop()]);
  report(seconds, figures, bareFigures, asked as [Asked, Asked]);
}

function report(seconds: number, engine: EngineFigures, bare: BareFigures, [own, other]: [Asked, Asked]): void {
  const calls = Object.entries(engine.calls);
  const made = calls.reduce((sum, [, count]) => sum + count, 0);
  const row = (name: string, { polls, heartbeats }: Asked, { cpuMs, loop, peakBytes }: BareFigures, count: number) => [
    ...[name, polls / seconds, heartbeats / seconds, cpuMs / seconds / 10, count / seconds],
    ...[loop.longestMs, loop.withOthersMs, peakBytes / 1e6],
  ];
  printTable(
    ["server", "polls/s", "heartbeats/s", "CPU % of a core", "store calls/s", "blocked ms", "with others", "peak MB"],
    [row("engine", own, engine, made), row("bare Fastify", other, bare, 0)],
  );
  console.log(`calls: ${calls.map(([name, count]) => `${name} ${count}`).join(", ")}`);
  requireSome("polls of the engine", own.polls, 1);
  requireSome("heartbeats of the engine", own.heartbeats, 1);
  requireSome("polls of the bare server", other.polls, 1);
  const goals = new Goals();
  goals.atMost("store calls a second", made / seconds, 1);
  goals.atMost("CPU above the bare server, % of a core", (engine.cpuMs - bare.cpuMs) / seconds / 10, 2);
  console.log(
    `idle: ${own.polls} polls and ${own.heartbeats} heartbeats answered, ${own.errors} errors, ${goals.summary}`,
  );
}
