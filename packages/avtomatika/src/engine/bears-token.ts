import { createHash, timingSafeEqual } from "node:crypto";
import type { JobRecord } from "#core/job";
import type { Bearer } from "#engine/orchestrator";

/** Does the bearer have the token of the approval that the job waits for? The comparison takes one time. */
export function bears({ token }: Bearer, job: JobRecord): boolean {
  if (token === null) return true;
  const { waiting } = job.head;
  if (job.wait === null || waiting?.kind !== "human") return false;
  return timingSafeEqual(hash(token), hash(waiting.token));
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
