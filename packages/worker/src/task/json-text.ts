/** How deep arrays and objects may be nested: the engine refuses what is deeper. */
const maxDepth = 100;

/**
 * JSON text of a value, as `JSON.stringify` makes it (`toJSON` is honoured, `undefined` is dropped), `undefined` for
 * `undefined`. `root` is what messages call the value.
 *
 * Throws a `TypeError` that names the path for what JSON would lose or can't hold: `NaN`, infinities, `BigInt`,
 * functions, symbols, `Map`, `Set`, promises, cycles, more than 100 levels. What a `toJSON` or a getter throws passes through.
 */
export function jsonText(value: unknown, root: string): string | undefined {
  /** The arrays and objects around the present item, and the keys that led to each of them. */
  const around: object[] = [];
  const keys: string[] = [];
  const fail = (key: string, what: string): never => {
    throw new TypeError(`${pathTo(root, around, [...keys, key])} ${what}, which can't be sent as JSON`);
  };
  return JSON.stringify(value, function (this: object, key: string, item: unknown): unknown {
    if (around.length === 0) around.push(this);
    while (around.at(-1) !== this) {
      around.pop();
      keys.pop();
    }
    const fault = faultOf(item);
    if (fault !== undefined) fail(key, fault);
    if (typeof item === "object" && item !== null) {
      if (around.includes(item)) fail(key, "contains itself");
      if (around.length > maxDepth) fail(key, `is nested deeper than ${maxDepth} levels`);
      around.push(item);
      keys.push(key);
    }
    return item;
  });
}

function faultOf(item: unknown): string | undefined {
  switch (typeof item) {
    case "number":
      return Number.isFinite(item) ? undefined : `is ${item}`;
    case "bigint":
      return "is a BigInt (use a string)";
    case "function":
    case "symbol":
      return `is a ${typeof item}`;
    case "object":
      if (item instanceof Map) return "is a Map (use Object.fromEntries)";
      if (item instanceof Set) return "is a Set (use an array)";
      return item instanceof Promise ? "is a promise (await is missing)" : undefined;
    default:
      return undefined;
  }
}

/** The first of `around` is the wrapper that JSON.stringify puts around the value, the first key is its empty one. */
function pathTo(root: string, around: readonly object[], keys: readonly string[]): string {
  const steps = keys.slice(1).map((key, at) => {
    return Array.isArray(around[at + 1]) ? `[${key}]` : keyStep(key);
  });
  return root + steps.join("");
}

/** A key as a step of a path: `.name`, or `["any text"]`. */
export function keyStep(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
