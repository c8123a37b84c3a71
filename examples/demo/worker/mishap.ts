// What goes wrong with the unreliable worker.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TransientError } from "@avtomatika/worker";

/** The task that is about to run. */
export interface Mishap {
  type: string;
  attempt: number;
  params: { work: string; part?: number; hold?: boolean };
}

/**
 * Kills this process when it has `classify` for the first time: whoever takes the name over gets the same attempt.
 * Fails the first attempt of `classify`, and of every third part that is held: what is measured before the kill has to
 * end before it, and would find all workers held when its turn came again.
 */
export function mishap({ type, attempt, params: { work, part = 0, hold = false } }: Mishap): void {
  if (type === "classify" && isFirst(work)) process.kill(process.pid, "SIGKILL");
  if (attempt > 1) return;
  if (type === "classify" || (hold && part % 3 === 0)) throw new TransientError("the disk was busy");
}

/** A dead process remembers nothing: a file does. */
function isFirst(work: string): boolean {
  try {
    writeFileSync(join(work, "died"), "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}
