let loaded: typeof import("node:sqlite") | undefined;

/** Node's SQLite, loaded with the first file: an engine with another store has no use for it. */
export function nodeSqlite(): typeof import("node:sqlite") {
  loaded ??= withoutWarning(() => process.getBuiltinModule("node:sqlite"));
  return loaded;
}

/** Node 22 says at each load that SQLite is experimental. We test what we use of it, and nobody else can help it. */
function withoutWarning<Value>(load: () => Value): Value {
  const { emitWarning } = process;
  process.emitWarning = (...args: unknown[]): void => {
    const [warning, type] = args;
    const isExpected = type === "ExperimentalWarning" && String(warning).startsWith("SQLite ");
    if (!isExpected) Reflect.apply(emitWarning, process, args);
  };
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
