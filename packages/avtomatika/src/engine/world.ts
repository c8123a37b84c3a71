import { randomBytes } from "node:crypto";
import { uuidv7 } from "uuidv7";

/** What the engine takes from its surroundings. The simulation replaces it, and nothing else of the engine. */
export interface World {
  /** Milliseconds that only grow; their origin means nothing. */
  elapsed(): number;
  /** In [0, 1). */
  random(): number;
  /** Runs `action` once after `ms`; answers the function that prevents it. */
  after(ms: number, action: () => void): () => void;
  /** A new UUID. */
  uuid(): string;
  /** A secret that nobody guesses: 32 hex digits and more. */
  token(): string;
}

/** The real surroundings. Its timers don't keep the process alive. */
export const realWorld: World = {
  elapsed: () => performance.now(),
  random: Math.random,
  after(ms, action) {
    const timer = setTimeout(action, Math.min(ms, 2 ** 31 - 1));
    timer.unref();
    return () => clearTimeout(timer);
  },
  uuid: uuidv7,
  token: () => randomBytes(24).toString("hex"),
};
