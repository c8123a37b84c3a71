import type { Logger, LogMethod } from "#logger/logger";

const levels = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
type Level = (typeof levels)[number];

/** The words of the Python SDK beside our own. */
const words: Readonly<Record<string, Level>> = { warning: "warn", critical: "fatal" };

/**
 * The logger of who brings none: a JSON object a line, to stderr unless `write` says otherwise.
 * `level` is the lowest that is written, in any case; `silent` writes nothing, an unknown word means `info`.
 */
export function lineLogger(level: string, write: (line: string) => void = toStderr): Logger {
  const word = level.toLowerCase();
  const lowest = word === "silent" ? levels.length : levels.indexOf(words[word] ?? (word as Level));
  return bound({}, lowest === -1 ? levels.indexOf("info") : lowest, write);
}

function bound(bindings: Record<string, unknown>, lowest: number, write: (line: string) => void): Logger {
  const method = (level: Level): LogMethod => {
    if (levels.indexOf(level) < lowest) return () => {};
    return (first: string | object, second?: string) => {
      const fields = typeof first === "string" ? {} : first;
      const message = typeof first === "string" ? first : second;
      write(line({ level, time: new Date().toISOString(), ...bindings, ...fields, msg: message }));
    };
  };
  return {
    trace: method("trace"),
    debug: method("debug"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
    fatal: method("fatal"),
    child: (more) => bound({ ...bindings, ...more }, lowest, write),
  };
}

/** Whatever is logged, a line comes of it and never an exception. */
function line(fields: Record<string, unknown>): string {
  try {
    return `${JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? describeError(value) : value))}\n`;
  } catch (error) {
    return `${JSON.stringify({ level: fields["level"], time: fields["time"], msg: `a line that can't be written: ${String(error)}` })}\n`;
  }
}

function describeError({ name, message, stack }: Error): object {
  return { name, message, stack };
}

function toStderr(text: string): void {
  process.stderr.write(text);
}
