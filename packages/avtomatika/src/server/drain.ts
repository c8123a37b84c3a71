import type { IncomingMessage } from "node:http";

/** How long what is too large may go on coming in. */
const patienceMs = 5000;

/**
 * Reads on what nobody wants. A connection that is closed while a body comes in is reset, and its client never sees the
 * answer that says why.
 */
export function drain(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.readableEnded || request.destroyed) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, patienceMs);
    request.once("end", done).once("close", done).once("error", done).resume();
  });
}
