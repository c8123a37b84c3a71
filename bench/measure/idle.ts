// A thousand workers that have nothing to do: what they cost beside a bare server that answers the same requests.
import { parseArgs } from "node:util";
import { Child } from "../support/child.ts";
import type { Asked, CrowdOptions } from "../support/crowd.ts";
import { EngineProcess, type StoreName } from "../support/engine.ts";
import { Goals, printTable, requireSome } from "../support/table.ts";

export async function idle(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: "string", default: "90" },
      workers: { type: "string", default: "1000" },
      store: { type: "string", default: "sqlite" },
    },
  });
  const seconds = Number(values.seconds);
  const count = Number(values.workers);
  const engine = await EngineProcess.start(values.store as StoreName, { trace: "calls" });
  const bare = new Child("bare-process.ts");
  const { address } = await bare.ask<{ address: string }>("start");
  const crowd = new Child("crowd-process.ts");
  // Both crowds at once: whatever else the machine does, it does to both.
  const options: CrowdOptions = { addresses: [engine.address, address], workers: count };
  await crowd.ask("start", options);
  await Promise.all([engine.reset(), bare.ask("reset"), crowd.ask("reset")]);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const [figures, bareCpu, asked] = await Promise.all([
    engine.figures(),
    bare.ask<number>("cpuMs"),
    crowd.ask<Asked[]>("asked"),
  ]);
  await crowd.stop();
  await Promise.all([bare.stop(), engine.stop()]);
  report(seconds, figures, bareCpu, asked);
}

function report(
  seconds: number,
  { cpuMs, calls, loop, peakBytes }: Awaited<ReturnType<EngineProcess["figures"]>>,
  bareCpu: number,
  asked: readonly Asked[],
): void {
  const made = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const rows = [["engine", cpuMs, made, loop, peakBytes] as const, ["bare Fastify", bareCpu, 0, null, 0] as const].map(
    ([name, cpu, callsMade, delay, peak], at) => [
      name,
      (asked[at]?.polls ?? 0) / seconds,
      (asked[at]?.heartbeats ?? 0) / seconds,
      cpu / seconds / 10,
      callsMade / seconds,
      delay?.longestMs ?? "",
      peak === 0 ? "" : peak / 1e6,
    ],
  );
  printTable(["server", "polls/s", "heartbeats/s", "CPU % of a core", "store calls/s", "blocked ms", "peak MB"], rows);
  console.log(
    `calls: ${Object.entries(calls)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
  );
  const [own, other] = asked as [Asked, Asked];
  requireSome("polls of the engine", own.polls, 1);
  requireSome("heartbeats of the engine", own.heartbeats, 1);
  requireSome("polls of the bare server", other.polls, 1);
  const goals = new Goals();
  goals.atMost("store calls a second", made / seconds, 1);
  goals.atMost("CPU above the bare server, % of a core", (cpuMs - bareCpu) / seconds / 10, 2);
  console.log(
    `idle: ${own.polls} polls and ${own.heartbeats} heartbeats answered, ${own.errors} errors, ${goals.summary}`,
  );
}
