import type { AttackedEngine } from "./attacked-engine.ts";
import type { Measured } from "./engine-process.ts";

/** What may be left over, as a share of what there was. */
const tolerance = 0.1;
const most = 20;
const pauseMs = 250;

/** The engine's memory once it is quiet: measured after collections until two in a row find nothing more to free. */
export async function settledMemory(engine: AttackedEngine): Promise<Measured> {
  let best = await engine.measure();
  for (let time = 0, idle = 0; time < most && idle < 2; time++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const next = await engine.measure();
    const freed = best.heapBytes - next.heapBytes + best.residentBytes - next.residentBytes;
    idle = freed > best.residentBytes / 100 ? 0 : idle + 1;
    best = {
      heapBytes: Math.min(best.heapBytes, next.heapBytes),
      residentBytes: Math.min(best.residentBytes, next.residentBytes),
      longestPauseMs: Math.max(best.longestPauseMs, next.longestPauseMs),
    };
  }
  return best;
}

/** What has grown by more than it may. */
export function growthFaults(before: Measured, after: Measured): string[] {
  return (["heapBytes", "residentBytes"] as const)
    .filter((key) => after[key] > before[key] * (1 + tolerance))
    .map((key) => `memory: ${key} went from ${megabytes(before[key])} to ${megabytes(after[key])} MB`);
}

export function describeMemory(before: Measured, after: Measured): string {
  const of = (key: "heapBytes" | "residentBytes"): string => `${megabytes(before[key])} → ${megabytes(after[key])} MB`;
  return `memory: heap ${of("heapBytes")}, resident ${of("residentBytes")}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
