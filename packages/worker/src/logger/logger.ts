/** One level of a logger: `info("text")` or `info({ key: value }, "text")`. */
export interface LogMethod {
  (message: string): void;
  (fields: object, message?: string): void;
}

/** What the worker and its handlers log with: the methods of pino, so that a pino logger is one. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** A logger that adds `bindings` to every line. */
  child(bindings: Record<string, unknown>): Logger;
}
