import { closeStep, type RunOutcome } from "#core/close-step";
import type { BlueprintDefinition } from "#core/definition";
import { type Draft, toCommit } from "#core/draft";
import { endJob } from "#core/end-job";
import type { JobRecord } from "#core/job";
import { jobIdIn, shardOf } from "#core/job-id";
import type { JsonObject } from "#core/json";
import { openStep, type Step } from "#core/open-step";
import type { Settings } from "#core/settings";
import { checkInput } from "#engine/check-input";
import { LeaseLostError } from "#engine/context-data";
import { type HandlerWorld, runHandler } from "#engine/run-handler";
import type { Run } from "#engine/running-jobs";
import { stageBranches } from "#engine/stage-branches";
import { forever } from "#engine/store-caller";
import type { Committed, LeasedJob, LeaseRequest, Reply } from "#storage/storage";

/** After so many transitions in a row a job gives its slot back, so that none keeps the others waiting. */
const stepsPerTurn = 100;

export interface StepLoopWorld extends HandlerWorld {
  settings: Settings;
  blueprint: (name: string) => BlueprintDefinition | undefined;
  /** Makes a call that may bring up to `count` jobs, with a lease for as many as there are slots. */
  lend: <T extends { leased: LeasedJob[] }>(
    count: number,
    call: (lease: LeaseRequest | null) => Promise<T>,
  ) => Promise<T>;
  /** True once the engine takes no more work. */
  isStopping: () => boolean;
  /** Told of every job that ended here. */
  onEnd: (held: LeasedJob) => void;
  /** Told of every job that waits for an engine which knows its state. */
  onPutOff: (job: JobRecord) => void;
}

/** Runs a leased job step by step until it waits, ends, gives its slot back or loses its lease. */
export async function runSteps(held: LeasedJob, run: Run, loop: StepLoopWorld): Promise<void> {
  let current = held;
  for (let steps = 1; run.interruption !== "lost" && run.interruption !== "stopping"; steps++) {
    const step = openStep(current, {
      now: loop.caller.clock.now(),
      settings: loop.settings,
      random: loop.world.random,
      definition: loop.blueprint(current.job.blueprint),
    });
    const { draft } = step;
    if (step.kind === "run" && !(await perform(step, run, loop))) return;
    // An engine that stops leaves the next state to others, or to its next start.
    if (draft.next === "keep" && (steps >= stepsPerTurn || loop.isStopping())) draft.next = "ready";
    const reply = await commit(draft, run, loop);
    if (reply.outcome === "lost") return;
    run.committed();
    if (reply.outcome === "superseded") {
      // A cancel came after the step was opened: what it did is thrown away, and the cancel's own step follows.
      const data = JSON.parse(draft.dataBefore) as JsonObject;
      current = { job: reply.job, data, initial: draft.initialBefore };
      continue;
    }
    const after = { job: reply.job, data: draft.data, initial: draft.initial };
    if (reply.job.endedAt !== null) loop.onEnd(after);
    if (reply.job.wait !== null && reply.job.head.waiting?.kind === "blueprint") loop.onPutOff(reply.job);
    if (draft.next !== "keep") return;
    current = after;
  }
}

/** Runs the handler and closes the step; false if its outcome doesn't count any more. */
async function perform(step: Extract<Step, { kind: "run" }>, run: Run, loop: StepLoopWorld): Promise<boolean> {
  const { draft, state } = step;
  if (draft.initial.unchecked && !(await checkChild(step))) return true;
  const outcome = await untilInterrupted(runHandler(step, run, loop), run, loop);
  if (outcome === null) return false;
  const shard = shardOf(run.jobId, loop.storage.shards);
  closeStep(draft, state, outcome, {
    newJobId: () => jobIdIn(loop.world.uuid(), shard),
    newToken: () => loop.world.token(),
    startStateOf: (name) => loop.blueprint(name)?.startState,
  });
  return true;
}

/** A child's data is held against the schema before its first handler; what violates it ends the child. */
async function checkChild({ draft, definition }: Extract<Step, { kind: "run" }>): Promise<boolean> {
  const checked = await checkInput(definition.inputSchema, draft.initial.data);
  if ("issues" in checked) {
    endJob(draft, { status: "failed", errorMessage: `the initial data is not valid: ${checked.issues.join("; ")}` });
    return false;
  }
  draft.initial = { ...draft.initial, data: checked.data, unchecked: false };
  return true;
}

/**
 * Waits for the handler. A cancel gives it its grace to return; a lost lease or the end of a shutdown doesn't wait.
 * Null where the outcome doesn't count.
 */
function untilInterrupted(outcome: Promise<RunOutcome>, run: Run, loop: StepLoopWorld): Promise<RunOutcome | null> {
  return new Promise((resolve, reject) => {
    let stopGrace = (): void => {};
    const stopListening = run.onInterruption(() => {
      if (run.interruption !== "cancelled") return resolve(null);
      const late: RunOutcome = {
        kind: "threw",
        fault: { message: "the handler went on after the cancel", final: true },
      };
      stopGrace = loop.world.after(loop.settings.cancelGraceMs, () => resolve(late));
    });
    outcome
      .then(resolve, (error: unknown) => (error instanceof LeaseLostError ? resolve(null) : reject(error as Error)))
      .finally(() => {
        stopListening();
        stopGrace();
      });
  });
}

async function commit(draft: Draft, run: Run, loop: StepLoopWorld): Promise<Reply<Committed>> {
  const written = toCommit(draft);
  if (!(await stageBranches(written, loop))) return { outcome: "lost", now: loop.caller.clock.now() };
  const wakes = written.children.length + written.cancelJobs.length + (written.notify === null ? 0 : 1);
  const reply = await loop.lend(wakes, (lease) =>
    loop.caller
      .call(() => loop.storage.commitStep({ commit: written, lease }), forever)
      .then((answer) => ({ answer, leased: answer.outcome === "committed" ? answer.leased : [] })),
  );
  if (reply.answer.outcome === "lost") run.interrupt("lost");
  return reply.answer;
}
