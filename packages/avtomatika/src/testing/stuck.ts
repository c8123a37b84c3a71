import { quote } from "#core/describe";
import { nearest } from "#core/nearest";
import type { Explanation } from "#engine/orchestrator";
import type { Stage } from "#testing/stage";

/** The one who sees every job. */
export const admin = { clientId: "test", admin: true };

/** Why a job stands where it stands; of a job that waits for a child, why that does. */
export interface Standstill {
  /** The job at the end of the line of children. */
  jobId: string;
  text: string;
  /** Only a person can move it: no timer ends its wait. */
  needsPerson: boolean;
}

/** Null for a job that doesn't exist. */
export async function explainStandstill(stage: Stage, jobId: string): Promise<Standstill | null> {
  const explanation = await stage.ask((engine) => engine.explain(admin, jobId));
  if (explanation === null) return null;
  const { waiting } = explanation.job.job.head;
  const text = [explanation.summary, ...hints(stage, explanation)].join(" ");
  const needsPerson = waiting?.kind === "human" && waiting.until === null;
  if (waiting?.kind !== "child") return { jobId, text, needsPerson };
  const child = await explainStandstill(stage, waiting.jobId);
  return child === null ? { jobId, text, needsPerson } : { ...child, text: `${text} ${child.text}` };
}

/** What the author of the test can do. */
function hints(stage: Stage, { job }: Explanation): string[] {
  const { waiting } = job.job.head;
  if (waiting?.kind === "human") {
    const decisions = Object.keys(waiting.transitions).map(quote).join(" | ");
    return [`Decide with t.approve(${quote(job.job.id)}, ${decisions}).`];
  }
  if (job.task !== null && job.task.state !== "queued") return [];
  return job.lanes.filter(({ type }) => !stage.workers.has(type)).map(({ type }) => hintWorker(type, stage));
}

function hintWorker(type: string, stage: Stage): string {
  const near = nearest(type, stage.workers.keys());
  const similar = near === undefined ? "" : ` (the test has one for ${quote(near)})`;
  return `Add t.worker(${quote(type)}, …)${similar}.`;
}
