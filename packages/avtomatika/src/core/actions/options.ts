import { describe } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { isObject } from "#core/plain-object";
import { refuseUnknown } from "#core/refuse-unknown";

/** The longest time an action may name, in seconds (about 95,000 years): what is later is no valid date. */
const longestSeconds = 3e12;

/** The options of one call, read one by one; `call` is how messages name it. */
export class Options {
  readonly #call: string;
  readonly #values: Readonly<Record<string, unknown>>;

  /** Throws if `values` is no object, or has a key that is not among `known`. */
  constructor(call: string, values: unknown, known: ReadonlySet<string>) {
    if (!isObject(values)) throw wrong(`${call} must be given an object of options`, values);
    refuseUnknown(call, values, known);
    this.#call = call;
    this.#values = values;
  }

  /** What messages call an option. */
  path(key: string): string {
    return `${this.#call}.${key}`;
  }

  /** An option as it is. */
  get(key: string): unknown {
    return this.#values[key];
  }

  /** An option that is absent, `undefined` or `null` counts as not given. */
  isGiven(key: string): boolean {
    return this.#values[key] !== undefined && this.#values[key] !== null;
  }

  /** A finite number that fulfils `accepts`, or null if it isn't given. */
  number(key: string, expected: string, accepts: (value: number) => boolean): number | null {
    if (!this.isGiven(key)) return null;
    const value = this.#values[key];
    if (typeof value === "number" && Number.isFinite(value) && accepts(value)) return value;
    throw wrong(`${this.path(key)} must be ${expected}`, value);
  }

  /** A time above 0, given in seconds, in milliseconds (at least 1); null if it isn't given. */
  timeout(key: string): number | null {
    const seconds = this.number(key, "a number of seconds above 0", (value) => value > 0 && value <= longestSeconds);
    return seconds === null ? null : Math.max(1, Math.round(seconds * 1000));
  }

  /** A time of 0 or more, given in seconds, in milliseconds; null if it isn't given. */
  duration(key: string): number | null {
    const seconds = this.number(
      key,
      "a number of seconds, 0 or more",
      (value) => value >= 0 && value <= longestSeconds,
    );
    return seconds === null ? null : Math.round(seconds * 1000);
  }
}

/** The error for a wrong argument; `expectation` names it and says what was expected. */
export function wrong(expectation: string, value: unknown, hint = ""): AvtomatikaError {
  return new AvtomatikaError("invalid_argument", `${expectation}, got ${describe(value)}${hint}`);
}
