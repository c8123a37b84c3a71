import type { Logger } from "avtomatika/internal/core/logger";

/** A logger that takes errors for what they are here: violations. */
export function quietLogger(onError: (text: string) => void): Logger {
  const none = (): void => {};
  const error = (fields: unknown, message?: string): void => {
    const { err } = fields as { err?: Error };
    // An outage that was longer than a request's patience is no fault of the engine's.
    if ((err as { code?: string } | undefined)?.code === "store_unavailable") return;
    onError(`${message ?? ""} ${err?.stack ?? JSON.stringify(fields)}`);
  };
  const logger: Logger = { trace: none, debug: none, info: none, warn: none, error, fatal: error, child: () => logger };
  return logger;
}
