import type { Actions } from "#core/actions";
import type { ConditionView } from "#core/definition";
import { AvtomatikaError } from "#core/errors";
import type { Logger } from "#core/logger";

export type { Actions };

/** Who created the job; never a token. */
export interface ClientInfo {
  id: string;
  plan: string | null;
  /** Whatever else `clients.toml` says of the client. */
  params: Readonly<Record<string, any>>;
}

/** How one branch of a fan-out ended. */
export interface AggregationResult {
  status: string;
  /** What the worker returned, verbatim. */
  data: any;
  error: { code: string; message: string } | null;
  workerId: string | null;
  /** Its place in `tasks`, from 0. */
  index: number;
}

/** The fields that every handler's context has, whatever the job's data is called. */
export interface ContextFields<InitialData, StateData, States extends string> {
  readonly jobId: string;
  readonly currentState: States;
  /** Counts the runs of this visit of the state from 1, lost ones included. */
  readonly attempt: number;
  /** What the job was created with, frozen. */
  readonly initialData: Readonly<InitialData>;
  /** The record kept between states: change it as you like, it is saved with the transition. */
  readonly stateHistory: StateData;
  readonly actions: Actions<States>;
  readonly client: ClientInfo;
  readonly dataStores: Readonly<Record<string, any>>;
  /** By the `task_id` of each branch, in dispatch order; empty but in an aggregator and after `onFailure`. */
  readonly aggregationResults: Readonly<Record<string, AggregationResult>>;
  /** Aborts when the run's outcome doesn't count any more. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** The engine's clock. */
  readonly now: () => Date;
  /** The same for every run of this visit of the state. */
  readonly idempotencyKey: string;
  /** Runs `fn` once for this visit of the state and gives its stored value ever after. */
  readonly once: <T>(name: string, fn: () => T | Promise<T>) => Promise<T>;
}

type FieldName = keyof ContextFields<unknown, unknown, string>;

/** The names that are spelled out in a type, without its index signatures. */
type Spelled<T> = keyof { [K in keyof T as string extends K ? never : number extends K ? never : K]: T[K] };

/** Any other name: `stateHistory` first, where it may not stand yet, then `initialData`. */
type LookedUp<InitialData, StateData> = {
  readonly [K in keyof StateData as Exclude<K, FieldName>]?:
    | StateData[K]
    | (K extends keyof InitialData ? InitialData[K] : never);
} & { readonly [K in keyof InitialData as Exclude<K, FieldName | Spelled<StateData>>]: InitialData[K] };

/** The one argument of a handler. */
export type HandlerContext<
  InitialData = Record<string, any>,
  StateData = Record<string, any>,
  States extends string = string,
> = ContextFields<InitialData, StateData, States> & LookedUp<InitialData, StateData>;

/** Where names that are no context fields are looked up. */
export interface JobData {
  stateHistory: Record<string, unknown>;
  initialData: Readonly<Record<string, unknown>>;
}

type Fields = Omit<ContextFields<any, any, string>, keyof JobData>;

/**
 * The argument of a handler: the fields, and by any other name what `stateHistory`, then `initialData` has under
 * it. It can be destructured, spread and listed; setting a name on it throws. It is never a thenable.
 */
export function createContext(fields: Fields, data: JobData): HandlerContext<any, any> {
  return lookUp({ ...fields, ...data }, data, ["then"]) as unknown as HandlerContext<any, any>;
}

/** The argument of a condition: the context without `actions` and `once`. */
export function createConditionView(fields: Omit<Fields, "actions" | "once">, data: JobData): ConditionView {
  return lookUp({ ...fields, ...data }, data, ["then", "actions", "once"]) as unknown as ConditionView;
}

/** Freezes JSON data through and through; returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}

/** `fields`, with the data behind them. `hidden` names are never found. */
function lookUp(fields: object, data: JobData, hidden: readonly string[]): object {
  // Without a prototype: `context.constructor` is data or nothing.
  const target: Record<string, unknown> = Object.assign(Object.create(null), fields);

  function find(name: string | symbol): unknown {
    if (typeof name === "symbol" || hidden.includes(name)) return undefined;
    if (Object.hasOwn(target, name)) return target[name];
    for (const record of [data.stateHistory, data.initialData]) {
      // `undefined` is dropped when the state is saved: it hides nothing before that either.
      if (Object.hasOwn(record, name) && record[name] !== undefined) return record[name];
    }
    return undefined;
  }

  function isThere(name: string | symbol): boolean {
    return find(name) !== undefined;
  }

  return new Proxy(target, {
    get: (_, name) => find(name),
    has: (_, name) => isThere(name),
    ownKeys: () => {
      const names = [target, data.stateHistory, data.initialData].flatMap((record) => Object.keys(record));
      return [...new Set(names)].filter(isThere);
    },
    getOwnPropertyDescriptor: (_, name) =>
      isThere(name) ? { value: find(name), enumerable: true, configurable: true, writable: false } : undefined,
    set: (_, name) => refuse(name, target),
    defineProperty: (_, name) => refuse(name, target),
    deleteProperty: (_, name) => refuse(name, target),
    // A target that can't be extended may not show the data's names.
    preventExtensions: () => false,
  });
}

function refuse(name: string | symbol, fields: object): never {
  const text = String(name);
  const remedy = text === "stateHistory" || !Object.hasOwn(fields, name) ? "set a key of stateHistory" : "it is fixed";
  throw new AvtomatikaError("invalid_argument", `context.${text} can't be changed: ${remedy}`);
}
