import type { Action } from "#core/action";
import { type AwaitHumanApprovalOptions, readApproval } from "#core/actions/approval";
import { type RunBlueprintOptions, readChild } from "#core/actions/child";
import { type DispatchParallelOptions, readFanOut } from "#core/actions/fan-out";
import { wrong } from "#core/actions/options";
import { readSleep, type SleepOptions } from "#core/actions/sleep";
import { type KnownStates, requireTarget, type Target } from "#core/actions/states";
import { type DispatchTaskOptions, readTask } from "#core/actions/task";
import { ActionAlreadyChosenError, AvtomatikaError } from "#core/errors";
import { toJson } from "#core/to-json";

/**
 * What a handler may do next: exactly one of these per run. Each returns `undefined`, so that an arrow function
 * may return it, and throws for wrong or misspelled options, for unknown states (`UnknownStateError`), for a second
 * action (`ActionAlreadyChosenError`) and after the handler has returned.
 */
export interface Actions<States extends string = string> {
  /** Goes on at once. */
  transitionTo(state: Target<States>): undefined;
  /** Hands work to a worker and waits for its result. */
  dispatchTask(options: DispatchTaskOptions<States>): undefined;
  /** Hands out any number of tasks and waits until they have joined. */
  dispatchParallel(options: DispatchParallelOptions<States>): undefined;
  /** Waits for a decision from outside. */
  awaitHumanApproval(options: AwaitHumanApprovalOptions<States>): undefined;
  /** Runs a child job and waits for its outcome. */
  runBlueprint(options: RunBlueprintOptions<States>): undefined;
  /** A durable timer. */
  sleep(options: SleepOptions, nextState: Target<States>): undefined;
  /** Ends the job here as a success; `result` is any JSON value, `stateHistory` if omitted. */
  finish(result?: unknown): undefined;
  /** Ends the job here as a failure. */
  fail(reason: string | Error): undefined;
}

export interface ActionScope {
  /** The state whose handler runs, for messages. */
  currentState: string;
  states: KnownStates;
  /** Told of an action after the handler had returned, as nobody may hear its error. */
  onLate?: (error: AvtomatikaError) => void;
}

export interface ActionChoice {
  /** Works when destructured. */
  actions: Actions;
  /** What was chosen so far. */
  chosen(): Action | null;
  /** After this every action throws `action_too_late`. */
  close(): void;
}

/** The actions of one run of a handler, and what it chose. */
export function createActions(scope: ActionScope): ActionChoice {
  const { currentState, states } = scope;
  let choice: { name: keyof Actions; action: Action } | undefined;
  let isClosed = false;

  function choose(name: keyof Actions, read: () => Action): undefined {
    if (isClosed) throw tooLate(name, scope);
    if (choice !== undefined) {
      throw new ActionAlreadyChosenError(
        `state "${currentState}" chose ${name} after ${choice.name}: a handler chooses exactly one action`,
      );
    }
    choice = { name, action: read() };
  }

  return {
    actions: {
      transitionTo: (state) =>
        choose("transitionTo", () => ({ kind: "transition", state: requireTarget("transitionTo", state, states) })),
      dispatchTask: (options) => choose("dispatchTask", () => readTask(options, states)),
      dispatchParallel: (options) => choose("dispatchParallel", () => readFanOut(options, states)),
      awaitHumanApproval: (options) => choose("awaitHumanApproval", () => readApproval(options, states)),
      runBlueprint: (options) => choose("runBlueprint", () => readChild(options, states)),
      sleep: (options, nextState) => choose("sleep", () => readSleep(options, nextState, states)),
      finish: (result) => choose("finish", () => ({ kind: "finish", result: readResult(result) })),
      fail: (reason) => choose("fail", () => ({ kind: "fail", reason: readReason(reason) })),
    },
    chosen: () => choice?.action ?? null,
    close: () => {
      isClosed = true;
    },
  };
}

function tooLate(name: string, scope: ActionScope): AvtomatikaError {
  const error = new AvtomatikaError(
    "action_too_late",
    `state "${scope.currentState}" called ${name} after its handler had returned: await what leads to it`,
  );
  scope.onLate?.(error);
  return error;
}

function readResult(result: unknown): Extract<Action, { kind: "finish" }>["result"] {
  return result === undefined ? undefined : toJson(result, "result");
}

function readReason(reason: unknown): string {
  const text = reason instanceof Error ? reason.message || reason.name : reason;
  if (typeof text === "string") return text;
  throw wrong("fail must be given a reason, a string or an Error", reason);
}
