import { NotJsonError } from "#core/errors";
import type { Json, JsonObject } from "#core/json";
import { setOwn } from "#core/plain-object";

/** How deep arrays and objects may be nested unless a caller says otherwise. */
export const maxJsonDepth = 100;

/**
 * A deep copy of `value` as JSON has it: `toJSON` is honoured, `undefined` is dropped in objects and `null`
 * elsewhere, boxed primitives are unboxed, class instances are copied by their own enumerable keys.
 * `path` is what messages call the value, e.g. `stateHistory`.
 *
 * Throws `NotJsonError` with the exact path for `NaN`, infinities, `BigInt`, functions, symbols, `Map`, `Set`,
 * promises, cycles, and nesting deeper than `maxDepth`. What a `toJSON` or a getter throws passes through.
 */
export function toJson(value: unknown, path: string, maxDepth: number = maxJsonDepth): Json {
  const copied = new Copier(path, maxDepth).copy(value, 0);
  return copied === undefined ? null : copied;
}

/** What has no place in JSON although it is an object: by the tag, so that other realms count too. */
const refused: Readonly<Record<string, string>> = {
  "[object Map]": "a Map (use Object.fromEntries)",
  "[object Set]": "a Set (use an array)",
  "[object WeakMap]": "a WeakMap",
  "[object WeakSet]": "a WeakSet",
  "[object Promise]": "a promise (await is missing)",
  "[object BigInt]": "a BigInt (use a string)",
  "[object Symbol]": "a symbol",
};

/** One copy. The way down is kept in two stacks, so that a path costs nothing until an error needs it. */
class Copier {
  readonly #root: string;
  readonly #maxDepth: number;
  readonly #keys: (string | number)[] = [];
  readonly #ancestors: object[] = [];

  constructor(root: string, maxDepth: number) {
    this.#root = root;
    this.#maxDepth = maxDepth;
  }

  /** `depth` is the number of arrays and objects around the value. */
  copy(value: unknown, depth: number): Json | undefined {
    // Like JSON.stringify: asked once, and what toJSON returns is not asked again.
    return this.#copyPlain(hasToJson(value) ? value.toJSON(String(this.#keys[depth - 1] ?? "")) : value, depth);
  }

  #copyPlain(value: unknown, depth: number): Json | undefined {
    switch (typeof value) {
      case "string":
      case "boolean":
      case "undefined":
        return value;
      case "number":
        if (!Number.isFinite(value)) throw this.#fault(depth, `is ${value}`);
        return value + 0; // -0 becomes 0, as in JSON.stringify
      case "object":
        return value === null ? null : this.#copyObject(value, depth);
      case "bigint":
        throw this.#fault(depth, "is a BigInt (use a string)");
      default:
        throw this.#fault(depth, `is a ${typeof value}`);
    }
  }

  #copyObject(value: object, depth: number): Json | undefined {
    if (depth >= this.#maxDepth) throw this.#fault(depth, `is nested deeper than ${this.#maxDepth} levels`);
    for (let above = 0; above < depth; above++) {
      if (this.#ancestors[above] === value) throw this.#fault(depth, "contains itself");
    }
    this.#ancestors[depth] = value;
    if (Array.isArray(value)) return this.#copyArray(value, depth);
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#copyKeys(value, depth);
    return this.#copyInstance(value, depth);
  }

  #copyArray(value: readonly unknown[], depth: number): Json[] {
    const copy: Json[] = [];
    for (let index = 0; index < value.length; index++) {
      this.#keys[depth] = index;
      const item = this.copy(value[index], depth + 1);
      copy.push(item === undefined ? null : item);
    }
    return copy;
  }

  #copyKeys(value: object, depth: number): JsonObject {
    const copy: JsonObject = {};
    for (const key of Object.keys(value)) {
      this.#keys[depth] = key;
      const item = this.copy((value as Record<string, unknown>)[key], depth + 1);
      if (item !== undefined) setOwn(copy, key, item);
    }
    return copy;
  }

  #copyInstance(value: object, depth: number): Json | undefined {
    const tag = Object.prototype.toString.call(value);
    switch (tag) {
      case "[object Number]":
        return this.#copyPlain(Number(value), depth);
      case "[object String]":
        return String(value);
      case "[object Boolean]":
        return Boolean.prototype.valueOf.call(value);
      default:
        if (Object.hasOwn(refused, tag)) throw this.#fault(depth, `is ${refused[tag]}`);
        return this.#copyKeys(value, depth);
    }
  }

  #fault(depth: number, what: string): NotJsonError {
    const path = this.#root + this.#keys.slice(0, depth).map(pathStep).join("");
    return new NotJsonError(path, `${path} ${what}, which can't be stored as JSON`);
  }
}

function hasToJson(value: unknown): value is { toJSON(key: string): unknown } {
  if (value === null || value === undefined || typeof value === "string") return false;
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

function pathStep(key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
