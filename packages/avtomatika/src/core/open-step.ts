import type { BlueprintDefinition, StateDefinition } from "#core/definition";
import { beginDraft, beginWait, type Draft, type StepWorld } from "#core/draft";
import { endJob } from "#core/end-job";
import type { JobInitial, JobRecord } from "#core/job";
import type { JsonObject } from "#core/json";
import { applyEvent } from "#core/open/apply-event";
import { lostRunDelay } from "#core/retry";

/**
 * What to do with a leased job: run a handler of `state`, or commit the draft at once. `attempt` counts the runs of
 * this visit from 1.
 */
export type Step =
  | { kind: "run"; draft: Draft; definition: BlueprintDefinition; state: StateDefinition; attempt: number }
  | { kind: "commit"; draft: Draft };

/** Opens a step: consumes the message that closed the wait, and says which handler is to run. */
export function openStep(held: { job: JobRecord; data: JsonObject; initial: JobInitial }, world: StepWorld): Step {
  const draft = beginDraft(held, world);
  const { job } = draft;
  if (job.cancel !== null) {
    endJob(draft, { status: "cancelled", errorMessage: "the job was cancelled" });
    return { kind: "commit", draft };
  }
  if (job.event !== null && applyEvent(draft, job.event) === "closed") return { kind: "commit", draft };
  return arrive(draft) ?? survive(draft) ?? run(draft);
}

/** The end of a job that enters a built-in state, or that went round too often; null where a handler has to run. */
export function arrive(draft: Draft): Step | null {
  const { job, world } = draft;
  const { definition } = world;
  if (definition === undefined) return null;
  if (job.head.visit === 1 && job.state === "") job.state = definition.startState;
  if (job.head.visit > definition.maxTransitions) {
    const errorMessage = `more than ${definition.maxTransitions} states were entered (maxTransitions of blueprint "${job.blueprint}")`;
    endJob(draft, { status: "failed", errorMessage });
    return { kind: "commit", draft };
  }
  if (definition.states.has(job.state)) return null;
  if (job.state === "finished") endJob(draft, { status: "finished", result: undefined });
  else if (job.state === "failed")
    endJob(draft, { status: "failed", errorMessage: job.head.errorMessage ?? 'the job entered the state "failed"' });
  else return null;
  return { kind: "commit", draft };
}

/** Counts runs that were lost with their engine: too many end the job, and each but the first is paused for. */
function survive(draft: Draft): Step | null {
  const { job, world } = draft;
  const lostNow = job.runs - 1;
  job.head.lost += lostNow;
  const { lost } = job.head;
  const delay = lostNow === 0 ? 0 : lostRunDelay(lost, world.random());
  const isLast = lost >= world.settings.maxLostRuns;
  if (delay === 0 && !isLast) return null;
  // The run that is counted now never began: the end or the pause comes instead of it.
  job.runs -= 1;
  if (isLast) {
    const errorMessage = `the handler of state "${job.state}" was lost ${lost} times with its engine`;
    endJob(draft, { status: "quarantined", errorMessage });
    return { kind: "commit", draft };
  }
  beginWait(draft, "awaiting_retry", {
    kind: "retry",
    attempt: job.head.tries + job.runs + 1,
    errorMessage: `run ${lost} was lost with its engine`,
    since: world.now,
    until: world.now + delay,
  });
  return { kind: "commit", draft };
}

function run(draft: Draft): Step {
  const { job, world } = draft;
  const definition = world.definition;
  const state = definition?.states.get(job.state);
  if (definition === undefined || state === undefined) return putOff(draft);
  job.status = "running";
  draft.checkpoint = JSON.stringify(draft.data);
  return { kind: "run", draft, definition, state, attempt: job.head.tries + job.runs };
}

/** Another engine may know the state: the job waits, 1 s doubling to 30 s. */
function putOff(draft: Draft): Step {
  const { job, world } = draft;
  const former = job.head.waiting;
  const delayMs = former?.kind === "blueprint" ? Math.min(former.delayMs * 2, 30_000) : 1000;
  const what =
    world.definition === undefined
      ? `blueprint "${job.blueprint}"`
      : `state "${job.state}" of blueprint "${job.blueprint}"`;
  job.runs -= 1;
  const hasBegun = job.head.visit > 1 || job.head.tries + job.runs > 0;
  beginWait(draft, hasBegun ? "running" : "pending", {
    kind: "blueprint",
    reason: `no engine that looked at this job knows ${what}`,
    delayMs,
    since: former?.kind === "blueprint" ? former.since : world.now,
    until: world.now + delayMs,
  });
  return { kind: "commit", draft };
}
