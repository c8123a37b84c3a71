// Shows a job's way until it is where it should be.
import { setTimeout as pause } from "node:timers/promises";
import type { AvtomatikaClient, JobView } from "@avtomatika/client";
import type { SurveyData, SurveyResult } from "../blueprints/survey.ts";
import type { Progress } from "./progress.ts";

export type Survey = JobView<SurveyData, SurveyResult>;

/** Without a step forward for so long something is wrong. */
const patienceMs = 600_000;
const ends = ["finished", "failed", "cancelled", "quarantined"];
const barWidth = 30;

/** Resolves with the job once `isThere`. Rejects if it ends elsewhere or stands still. */
export async function follow(
  client: AvtomatikaClient,
  id: string,
  progress: Progress,
  isThere: (job: Survey) => boolean,
): Promise<Survey> {
  let shown = "";
  let movedAt = performance.now();
  for (;;) {
    const job = await client.jobs.get<SurveyData, SurveyResult>(id);
    if (isThere(job)) return job;
    if (ends.includes(job.status)) throw new Error(`the job ended as ${job.status}: ${job.errorMessage}`);
    const text = describe(job);
    if (text !== shown) movedAt = performance.now();
    else if (performance.now() - movedAt > patienceMs) {
      const { summary } = await client.jobs.explain(id);
      throw new Error(`nothing has moved for ${patienceMs / 1000} s: ${summary}`);
    }
    shown = text;
    progress.show(text);
    await pause(20);
  }
}

/** Amid the fan-out, only its held tasks left; a folder without files has no task there, and is killed later. */
export function isAmid({ waitingFor }: Survey): boolean {
  if (waitingFor?.kind === "human") return true;
  return waitingFor?.kind === "branches" && waitingFor.open <= Math.max(10, Math.floor(waitingFor.total / 2));
}

/** Where a job is, in a line. */
export function describe({ status, currentState: state, waitingFor }: Survey): string {
  if (waitingFor === null) return status === "running" ? state : `${state}, ${status}`;
  switch (waitingFor.kind) {
    case "branches": {
      const { total, open } = waitingFor;
      const done = Math.round(((total - open) / Math.max(total, 1)) * barWidth);
      return `${state} ${"#".repeat(done)}${".".repeat(barWidth - done)} ${total - open} of ${total} done, ${open} open`;
    }
    case "worker":
      return `${state}: ${waitingFor.taskType}, attempt ${waitingFor.attempt}, ${waitingFor.phase}`;
    default:
      return `${state}, waiting for ${waitingFor.kind}`;
  }
}
