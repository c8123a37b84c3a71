import type { Made } from "./load.ts";
import type { Execution, Registration } from "./setup.ts";

export interface Verdict {
  /** Tasks whose result isn't in their job. */
  lost: string[];
  /** Results that are in jobs more than once, or that nobody made. */
  doubled: string[];
}

/** Every job has what each of its tasks left, once; and that comes from an execution which the workers wrote down. */
export function judgeJobs(jobs: readonly Made[], executions: readonly Execution[]): Verdict {
  const lost: string[] = [];
  const doubled: string[] = [];
  const made = new Map(executions.filter(({ kind }) => kind === "ended").map(({ nonce, key }) => [nonce, key]));
  const used = new Set<string>();
  for (const { jobId, tasks, view } of jobs) {
    const done = view.result?.done ?? [];
    if (view.status !== "finished") lost.push(`job ${jobId} is ${view.status}: ${view.errorMessage}`);
    const keys = done.map(({ key }) => key);
    for (let n = 0; n < tasks; n++) if (!keys.includes(`${jobId}/${n}`)) lost.push(`${jobId}/${n} has no result`);
    if (new Set(keys).size !== keys.length) doubled.push(`job ${jobId} has a task twice: ${keys.join(", ")}`);
    for (const { key, nonce } of done) {
      if (made.get(nonce) !== key) doubled.push(`nobody made the result ${nonce} of ${key}`);
      if (used.has(nonce)) doubled.push(`the result ${nonce} of ${key} is there twice`);
      used.add(nonce);
    }
  }
  return { lost, doubled };
}

/** How long a registration may be under way, in milliseconds. */
const underWayMs = 1500;

/**
 * Registrations name what runs: what began well before one and ended after it was in the worker's hands all the time.
 * Answers how many tasks were named so, and which were not.
 */
export function judgeRegistrations(
  registrations: readonly Registration[],
  executions: readonly Execution[],
): { named: number; unnamed: string[] } {
  const spans = new Map<string, { worker: string; taskId: string; began: number; ended: number }>();
  for (const { kind, nonce, worker, taskId, at } of executions) {
    const span = spans.get(nonce);
    if (kind === "began") spans.set(nonce, { worker, taskId, began: at, ended: 0 });
    else if (span !== undefined) span.ended = at;
  }
  let named = 0;
  const unnamed: string[] = [];
  for (const { worker, currentTasks, at } of registrations) {
    for (const span of spans.values()) {
      if (span.worker !== worker || span.began > at - underWayMs || span.ended <= at) continue;
      if (currentTasks.includes(span.taskId)) named += 1;
      else unnamed.push(`${worker} registered without ${span.taskId}, which ran since ${at - span.began} ms`);
    }
  }
  return { named, unnamed };
}
