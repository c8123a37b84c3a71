// The person who decides. Whoever was sent the token of a wait may do that, without a token of a client's.
import type { JobView } from "@avtomatika/client";

/** Resolves with the question that was answered. */
export async function approve(engineUrl: string, { waitingFor }: Pick<JobView, "waitingFor">): Promise<string> {
  if (waitingFor?.kind !== "human") throw new Error("the job waits for nobody's decision");
  const { path, token, message } = waitingFor;
  const response = await fetch(engineUrl + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ decision: "approved", token, comment: "it looks right" }),
  });
  if (!response.ok) throw new Error(`the decision was answered ${response.status}: ${await response.text()}`);
  return message;
}
