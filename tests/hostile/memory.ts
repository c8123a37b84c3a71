import type { AttackedEngine } from "./attacked-engine.ts";
import type { Measured } from "./engine-process.ts";

/** What may be left over, as a share of what there was. */
const tolerance = 0.1;
const most = 20;
const pauseMs = 250;

/**
 * The engine's memory once it is quiet: as it is when two collections in a row found nothing more to free. Only what was
 * measured at one moment fits together: the heap gives pages back later than it counts them out.
 */
export async function settledMemory(engine: AttackedEngine): Promise<Measured> {
  let last = await engine.measure();
  for (let time = 0, idle = 0; time < most && idle < 2; time++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const next = await engine.measure();
    const change = Math.abs(last.heapBytes - next.heapBytes) + Math.abs(last.residentBytes - next.residentBytes);
    idle = change > last.residentBytes / 100 ? 0 : idle + 1;
    last = { ...next, longestPauseMs: Math.max(last.longestPauseMs, next.longestPauseMs) };
  }
  return last;
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
