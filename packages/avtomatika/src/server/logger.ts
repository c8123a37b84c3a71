import { type DestinationStream, destination, pino } from "pino";
import type { Config } from "#config/config";
import type { Logger } from "#core/logger";

/** The engine's own logger. It writes to stderr, so that stdout belongs to the program. */
export function createLogger(
  { logLevel, logFormat, instanceId }: Config,
  stream: DestinationStream = stderr(),
): Logger {
  const lines = logFormat === "json" ? stream : { write: (line: string) => stream.write(readable(line)) };
  return pino({ level: logLevel, base: logFormat === "json" ? { instance: instanceId } : null }, lines);
}

/** Synchronous: the last lines before an exit are the ones that matter. */
function stderr(): DestinationStream {
  return destination({ dest: 2, sync: true });
}

/** A line of JSON for people: `12:30:05.123 WARN text key=value`. */
function readable(line: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const word = (pino.levels.labels[Number(level)] ?? "info").toUpperCase();
  const clock = new Date(Number(time)).toISOString().slice(11, 23);
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${oneLine(value)}`);
  const trace = typeof err === "object" && err !== null && "stack" in err ? `\n${String(err.stack)}` : "";
  return `${clock} ${word} ${oneLine(msg ?? "")}${rest.join("")}${trace}\n`;
}

/** What came from outside begins no line of its own. */
function oneLine(value: unknown): string {
  return typeof value === "string" && !/\p{Cc}/u.test(value) ? value : JSON.stringify(value);
}
