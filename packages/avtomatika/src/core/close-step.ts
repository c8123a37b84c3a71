import type { Action } from "#core/action";
import { closeApproval } from "#core/close/close-approval";
import { closeChild } from "#core/close/close-child";
import { closeFanOut } from "#core/close/close-fan-out";
import { closeFault, type Fault } from "#core/close/close-fault";
import { closeSleep } from "#core/close/close-sleep";
import { closeTask } from "#core/close/close-task";
import type { StateDefinition } from "#core/definition";
import { describe } from "#core/describe";
import { type Draft, enter } from "#core/draft";
import { endJob } from "#core/end-job";
import { AvtomatikaError, NotJsonError } from "#core/errors";
import type { Json, JsonObject } from "#core/json";
import { arrive } from "#core/open-step";
import { isObject, isPlainObject } from "#core/plain-object";
import { toJson } from "#core/to-json";

/** What a run of a handler came to. */
export type RunOutcome =
  | { kind: "returned"; action: Action | null; value: unknown; stateHistory: Record<string, unknown> }
  | { kind: "threw"; fault: Fault };

/** What closing a step needs beside the draft. */
export interface ClosingIds {
  /** A new job id in the job's shard. */
  newJobId: () => string;
  /** A secret that nobody guesses, for an approval. */
  newToken: () => string;
  /** The start state of a blueprint; undefined where this engine doesn't know it. */
  startStateOf: (blueprint: string) => string | undefined;
}

/** Closes a step: the draft becomes the commit that the handler's outcome asks for. */
export function closeStep(draft: Draft, state: StateDefinition, outcome: RunOutcome, ids: ClosingIds): void {
  if (outcome.kind === "threw") {
    draft.data = JSON.parse(draft.checkpoint) as JsonObject;
    return closeFault(draft, outcome.fault);
  }
  try {
    draft.data = stateHistoryOf(outcome.stateHistory);
    draft.text = boundedText(draft);
    // The value of a chosen action was checked when it was chosen.
    const value = state.isEnd && outcome.action === null ? endValue(outcome.value) : undefined;
    closeAction(draft, state, outcome.action, value, ids);
  } catch (error) {
    if (!(error instanceof NotJsonError || error instanceof AvtomatikaError)) throw error;
    draft.data = JSON.parse(draft.checkpoint) as JsonObject;
    draft.text = null;
    return closeFault(draft, { message: error.message, final: true });
  }
}

function stateHistoryOf(value: unknown): JsonObject {
  const data = toJson(value, "stateHistory");
  // Its toJSON may have given anything.
  if (isObject(data)) return data as JsonObject;
  throw new NotJsonError("stateHistory", `stateHistory: expected an object, its toJSON gave ${describe(data)}`);
}

/** Throws where `stateHistory` is larger than a store should have to take. */
function boundedText(draft: Draft): string {
  const text = JSON.stringify(draft.data);
  const { maxStateBytes } = draft.world.settings;
  if (text.length <= maxStateBytes) return text;
  throw new AvtomatikaError(
    "limit_exceeded",
    `stateHistory: expected at most ${maxStateBytes} bytes, got ${text.length}`,
  );
}

function closeAction(
  draft: Draft,
  state: StateDefinition,
  action: Action | null,
  value: Json | undefined,
  ids: ClosingIds,
): void {
  if (action === null) return closeSilence(draft, state, value);
  switch (action.kind) {
    case "transition":
      enter(draft, action.state);
      arrive(draft);
      return;
    case "task":
      return closeTask(draft, action);
    case "fan-out":
      return closeFanOut(draft, action);
    case "approval":
      return closeApproval(draft, action, ids.newToken());
    case "child":
      return closeChild(draft, action, ids.newJobId(), ids.startStateOf(action.blueprintName));
    case "sleep":
      return closeSleep(draft, action);
    case "finish":
      return endJob(draft, { status: "finished", result: action.result });
    case "fail":
      return endJob(draft, { status: "failed", errorMessage: action.reason });
  }
}

/** No action: the end of an end state, a fault anywhere else. */
function closeSilence(draft: Draft, state: StateDefinition, value: Json | undefined): void {
  if (!state.isEnd) {
    const message = `the handler of state "${state.name}" chose no action: call one of the actions, or mark the state with isEnd`;
    return closeFault(draft, { message, final: true });
  }
  if (state.outcome === "success") return endJob(draft, { status: "finished", result: value });
  const errorMessage = draft.job.head.errorMessage ?? `the job ended in the failure state "${state.name}"`;
  endJob(draft, { status: "failed", errorMessage, result: value });
}

/** A plain object that an end handler returns is the job's result. */
function endValue(value: unknown): Json | undefined {
  return isPlainObject(value) ? toJson(value, "the returned value") : undefined;
}
