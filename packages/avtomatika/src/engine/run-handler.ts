import { createActions } from "#core/actions";
import type { RunOutcome } from "#core/close-step";
import { createConditionView, createContext, deepFreeze } from "#core/context";
import type { AnyHandler } from "#core/definition";
import { AvtomatikaError, NotJsonError, UnknownStateError } from "#core/errors";
import type { Logger } from "#core/logger";
import type { Step } from "#core/open-step";
import { LeaseLostError, Once, readAggregationResults } from "#engine/context-data";
import type { Run } from "#engine/running-jobs";
import type { StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Storage } from "#storage/storage";

/** The parts of the engine that a handler's run needs. */
export interface HandlerWorld {
  storage: Storage;
  caller: StoreCaller;
  world: World;
  logger: Logger;
  maxResultBytes: number;
  /** Told of a condition that threw: logged once per job, and counted. */
  onConditionError: (jobId: string, condition: string, error: unknown) => void;
}

type RunStep = Extract<Step, { kind: "run" }>;
type Fields = Parameters<typeof createContext>[0];

/** Runs the handler of an open step, whatever it does; rejects only with `LeaseLostError`. */
export async function runHandler(step: RunStep, run: Run, world: HandlerWorld): Promise<RunOutcome> {
  const { draft, state } = step;
  const choice = createActions({
    currentState: state.name,
    states: step.definition.states,
    onLate: (error) => world.logger.warn({ jobId: run.jobId, state: state.name }, error.message),
  });
  try {
    const fields = await contextFields(step, run, world, choice.actions);
    const data = { stateHistory: draft.data, initialData: deepFreeze(draft.initial.data) };
    const handler = selectHandler(step, world, fields, data);
    const value = await handler(createContext(fields, data));
    choice.close();
    return { kind: "returned", action: choice.chosen(), value, stateHistory: data.stateHistory };
  } catch (error) {
    choice.close();
    if (error instanceof LeaseLostError) throw error;
    // What an aborted handler throws says nothing about it.
    if (!run.signal.aborted) {
      const place = { jobId: run.jobId, blueprint: step.definition.name, state: state.name, attempt: step.attempt };
      world.logger.warn({ ...place, err: error }, "a handler failed");
    }
    return { kind: "threw", fault: { message: messageOf(error), final: isFinal(error) } };
  }
}

async function contextFields(
  step: RunStep,
  run: Run,
  world: HandlerWorld,
  actions: Fields["actions"],
): Promise<Fields> {
  const { draft, state, definition, attempt } = step;
  const { job, initial } = draft;
  const { visit, results } = job.head;
  // A visit that this lease didn't begin may hold values, also at attempt 1: a shutdown gives runs back uncounted.
  run.firstVisit ??= visit;
  const isFresh = visit > run.firstVisit;
  const once = new Once(world.storage, world.caller, { jobId: job.id, claim: run.claim, visit }, isFresh);
  const place = { jobId: job.id, wait: results ?? 0, maxBytes: world.maxResultBytes };
  return {
    jobId: job.id,
    currentState: state.name,
    attempt,
    actions,
    client: initial.client,
    dataStores: definition.dataStores,
    aggregationResults: results === null ? {} : await readAggregationResults(world, place),
    signal: run.signal,
    logger: world.logger.child({ jobId: job.id, state: state.name }),
    now: () => new Date(world.caller.clock.now()),
    idempotencyKey: `${job.id}_${visit}`,
    once: <T>(name: string, fn: () => T | Promise<T>) => once.run(name, fn) as Promise<T>,
  };
}

/** The aggregator, the first handler whose condition matches, or the default. */
function selectHandler(
  step: RunStep,
  world: HandlerWorld,
  fields: Fields,
  data: Parameters<typeof createContext>[1],
): AnyHandler {
  const { state, draft } = step;
  if (draft.job.head.entry === "aggregator" && state.aggregator !== undefined) return state.aggregator;
  if (state.conditional.length > 0) {
    const { actions: _actions, once: _once, ...rest } = fields;
    const view = createConditionView(rest, data);
    for (const { condition, handler } of state.conditional) {
      try {
        if (condition.matches(view)) return handler;
      } catch (error) {
        world.onConditionError(draft.job.id, condition.text, error);
      }
    }
  }
  if (state.handler !== undefined) return state.handler;
  throw new NoHandlerError(`no condition of state "${state.name}" matched, and it has no default handler: add one`);
}

class NoHandlerError extends Error {}

/** Faults that another run would meet again. */
function isFinal(error: unknown): boolean {
  if (error instanceof NotJsonError || error instanceof UnknownStateError || error instanceof NoHandlerError)
    return true;
  return error instanceof AvtomatikaError && error.code === "limit_exceeded";
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return typeof error === "string" ? error : `thrown: ${JSON.stringify(error) ?? typeof error}`;
}
