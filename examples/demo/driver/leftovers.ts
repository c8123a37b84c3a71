// Is anything of the demo still running?
import { readdirSync, readFileSync } from "node:fs";

/** The variable that every process of a run has in its environment. */
export const mark = "AVTOMATIKA_DEMO";

/** Processes of this run beside this one: by their mark where the system shows it, by their ids everywhere. */
export function leftovers(run: string, pids: readonly number[]): number[] {
  return [...new Set([...pids.filter(isAlive), ...marked(run)])];
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function marked(run: string): number[] {
  return listProcesses().filter((pid) => pid !== process.pid && bears(pid, run));
}

function listProcesses(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function bears(pid: number, run: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`${mark}=${run}`);
  } catch {
    return false;
  }
}
