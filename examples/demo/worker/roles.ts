// The three workers: what they cost, what they have, what they can do.
import type { WorkerOptions } from "@avtomatika/worker";
import { type Mishap, mishap } from "./mishap.ts";
import { classify } from "./tasks/classify.ts";
import { drawChart } from "./tasks/draw-chart.ts";
import { listFiles } from "./tasks/list-files.ts";
import { measureRange } from "./tasks/measure-range.ts";
import { publish } from "./tasks/publish.ts";
import { writeArchive } from "./tasks/write-archive.ts";

/** The data of a success, or a whole result with a status of its own. */
export type Outcome = { status?: string; data?: object } & Record<string, unknown>;

// biome-ignore lint/suspicious/noExplicitAny: params are JSON, and each task knows its own
type Perform = (params: any, signal: AbortSignal) => Promise<Outcome>;

interface Role {
  options: WorkerOptions;
  tasks: Record<string, Perform>;
  mishap?: (running: Mishap) => void;
}

export const roles: Record<string, Role> = {
  reliable: {
    options: { costPerSecond: 5 },
    // It can draw as well, but has no GPU: the blueprint wants one.
    tasks: {
      list_files: listFiles,
      measure: measureRange,
      draw_chart: drawChart,
      write_archive: writeArchive,
      publish,
    },
  },
  unreliable: {
    options: { costPerSecond: 1 },
    tasks: { measure: measureRange, classify },
    mishap,
  },
  gpu: {
    // It could measure as well, but costs more than the blueprint pays for that.
    options: { costPerSecond: 50, resources: { gpuInfo: { model: "NVIDIA A100", vramGb: 80 } } },
    tasks: { measure: measureRange, draw_chart: drawChart },
  },
};
