import type { Action, TaskSpec } from "#core/action";
import { defineBlueprint, StateMachineBlueprint } from "#core/blueprint";
import { type ClosingIds, closeStep, type RunOutcome } from "#core/close-step";
import type { BlueprintDefinition, StateDefinition } from "#core/definition";
import { type Draft, toCommit } from "#core/draft";
import { freshHead, type JobEvent, type JobHead, type JobInitial, type JobRecord, type Waiting } from "#core/job";
import type { JsonObject } from "#core/json";
import { openStep, type Step } from "#core/open-step";
import { defaultSettings, type Settings } from "#core/settings";
import type { StepCommit } from "#core/step-commit";
import type { TaskEnd } from "#core/task";

export const now = Date.UTC(2030, 0, 1);
export const jobId = "01900000-0000-7000-8000-000000000000";
const nothing = (): undefined => undefined;

/** A blueprint with a state of every sort. */
export function define(options: { maxTransitions?: number }): BlueprintDefinition {
  const blueprint = new StateMachineBlueprint({ name: "flow", ...options })
    .handlerFor("start", { isStart: true, transitions: ["work", "end", "bad"] }, nothing)
    .handlerFor("work", ({ actions }) => actions.dispatchParallel({ tasks: [], aggregateInto: "collect" }))
    .handlerFor("rescue", nothing)
    .handlerFor("end", { isEnd: true }, nothing)
    .handlerFor("bad", { isEnd: true, outcome: "failure" }, nothing)
    .aggregatorFor("collect", { transitions: ["rescue"] }, nothing);
  return defineBlueprint(blueprint);
}

const definition: BlueprintDefinition = define({});

export interface StepOptions {
  job?: Partial<Omit<JobRecord, "head">>;
  head?: Partial<JobHead>;
  data?: JsonObject;
  initial?: Partial<JobInitial>;
  settings?: Partial<Settings>;
  definition?: BlueprintDefinition | undefined;
  random?: number;
}

/** A job that was leased a moment ago, in the state `start` before its first run. */
function leased(options: StepOptions = {}) {
  const job: JobRecord = {
    id: jobId,
    blueprint: "flow",
    owner: "client",
    parentId: null,
    createdAt: now - 5000,
    updatedAt: now,
    endedAt: null,
    priority: 7,
    status: "running",
    state: "start",
    version: 4,
    writer: null,
    lease: { engine: "e", claim: "claim", until: now + 15_000 },
    runs: 1,
    ready: null,
    wait: null,
    event: null,
    closedBy: null,
    due: null,
    cancel: null,
    watched: false,
    progress: null,
    ...options.job,
    head: { ...freshHead(), ...options.head },
  };
  const initial: JobInitial = {
    data: { from: "client" },
    client: { id: "client", plan: "pro", params: { tier: 1 } },
    metadata: { note: "m" },
    trace: { traceparent: "00-1" },
    parentWait: null,
    dispatchTimeoutMs: null,
    resultTimeoutMs: null,
    unchecked: false,
    ...options.initial,
  };
  return { job, data: structuredClone(options.data ?? {}), initial };
}

export function open(options: StepOptions = {}): Step {
  return openStep(leased(options), {
    now,
    settings: { ...defaultSettings, ...options.settings },
    random: () => options.random ?? 0.5,
    definition: "definition" in options ? options.definition : definition,
  });
}

/** The commit of a step that needs no handler. */
export function committed(options: StepOptions): StepCommit {
  const step = open(options);
  if (step.kind === "run") throw new Error(`a handler of state "${step.state.name}" was to run`);
  return toCommit(step.draft);
}

/** The step of a job whose wait was closed by a message, or whose handler runs. */
export function running(options: StepOptions = {}): Extract<Step, { kind: "run" }> {
  const step = open(options);
  if (step.kind === "commit") throw new Error(`no handler was to run, but the job became ${step.draft.job.status}`);
  return step;
}

export const ids: ClosingIds = {
  newJobId: () => "child-id",
  newToken: () => "secret",
  startStateOf: (name) => (name === "other" ? "begin" : undefined),
};

/** Opens a step, lets its handler come to `outcome` and closes it. */
export function ran(
  outcome: Partial<Extract<RunOutcome, { kind: "returned" }>>,
  options: StepOptions = {},
): StepCommit {
  const step = running(options);
  return toCommit(closed(step.draft, step.state, outcome));
}
export function threw(message: string, final: boolean, options: StepOptions = {}): StepCommit {
  const step = running(options);
  step.draft.data["scratch"] = "left by the run that failed";
  closeStep(step.draft, step.state, { kind: "threw", fault: { message, final } }, ids);
  return toCommit(step.draft);
}
function closed(
  draft: Draft,
  state: StateDefinition,
  outcome: Partial<Extract<RunOutcome, { kind: "returned" }>>,
): Draft {
  const whole: RunOutcome = { kind: "returned", action: null, value: undefined, stateHistory: draft.data, ...outcome };
  closeStep(draft, state, whole, ids);
  return draft;
}

export function spec(changes: Partial<TaskSpec> = {}): TaskSpec {
  return {
    taskType: "resize",
    params: { size: 3 },
    priority: null,
    strategy: "default",
    requirements: null,
    maxCost: null,
    timeoutMs: null,
    dispatchTimeoutMs: null,
    retry: null,
    ...changes,
  };
}
export function fanOut(changes: Partial<Extract<Action, { kind: "fan-out" }>> = {}): Action {
  return { kind: "fan-out", tasks: [spec()], aggregateInto: "collect", policy: "all", onFailure: null, ...changes };
}

/** A wait of the given kind, closed by a message; `since` is 10 s ago. */
export function woken<Kind extends Waiting["kind"]>(
  waiting: Extract<Waiting, { kind: Kind }> extends infer W ? Omit<W, "since" | "until"> & { until?: number } : never,
  event: JobEvent,
  options: StepOptions = {},
): StepOptions {
  const whole = { since: now - 10_000, until: null, ...waiting } as unknown as Waiting;
  return {
    ...options,
    job: { state: "start", event, ...options.job },
    head: { tries: 1, waits: event.wait, waiting: whole, ...options.head },
  };
}

export function taskEnd(changes: Partial<TaskEnd> = {}): TaskEnd {
  return {
    taskId: `${jobId}_1_0_2`,
    firstTaskId: `${jobId}_1_0_1`,
    taskType: "resize",
    index: 0,
    attempt: 2,
    status: "success",
    data: null,
    error: null,
    workerId: "w",
    ...changes,
  };
}
export function failure(code: string): Partial<TaskEnd> {
  return { status: "failure", error: { code, message: "no luck" } };
}
