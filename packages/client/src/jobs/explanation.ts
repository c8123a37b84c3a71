import { camelCase } from "#http/camel-case";
import { type Answer, readObject, readObjects } from "#http/read-answer";
import type { JobStatus } from "#jobs/job-status";
import { readWaitingFor, type WaitingFor } from "#jobs/waiting-for";

/** Why a job is where it is. */
export interface JobExplanation {
  jobId: string;
  status: JobStatus;
  currentState: string;
  /** In words. */
  summary: string;
  waitingFor: WaitingFor | null;
  /** RFC 3339 in UTC. */
  nextTimer: string | null;
  attemptsLeft: number | null;
  /** The active workers, and whether each could take the task. */
  workers: { workerId: string; eligible: boolean; reasons: string[] }[];
}

/** From the wire. Throws `bad_answer`. */
export function readExplanation(answer: Answer): JobExplanation {
  const found = camelCase(readObject(answer));
  found["waitingFor"] = readWaitingFor(found["waitingFor"]);
  found["workers"] = readObjects({ ...answer, body: found["workers"] }).map(camelCase);
  return found as unknown as JobExplanation;
}
