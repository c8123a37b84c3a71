import { beginWait, type Draft } from "#core/draft";
import { endJob } from "#core/end-job";
import { retryDelay } from "#core/retry";

/** What went wrong in a run; `final` where another run would not help. */
export interface Fault {
  message: string;
  final: boolean;
}

/** A run that failed: another one after a pause, within the visit's budget, else quarantine. */
export function closeFault(draft: Draft, fault: Fault): void {
  const { job, world } = draft;
  const { retry } = world.settings;
  job.head.failures += 1;
  if (fault.final || job.head.failures > retry.maxRetries) {
    const times = fault.final ? "" : ` (${job.head.failures} attempts)`;
    return endJob(draft, {
      status: "quarantined",
      errorMessage: `state "${job.state}" failed${times}: ${fault.message}`,
    });
  }
  beginWait(draft, "awaiting_retry", {
    kind: "retry",
    attempt: job.head.tries + job.runs + 1,
    errorMessage: fault.message,
    since: world.now,
    until: world.now + retryDelay(retry, job.head.failures, world.random()),
  });
}
