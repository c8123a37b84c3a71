// The operator: looks after jobs in quarantine.
import type { AvtomatikaClient } from "@avtomatika/client";

/** Sends every job in quarantine on with what it lacks; resolves with what was wrong with each. */
export async function sendOn(client: AvtomatikaClient, patch: Record<string, unknown>): Promise<string[]> {
  const { jobs } = await client.quarantine.list({ blueprint: "survey" });
  for (const { jobId } of jobs) await client.quarantine.requeue(jobId, { patch });
  return jobs.map(({ errorMessage }) => errorMessage ?? "");
}
