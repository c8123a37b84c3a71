import { readFileSync } from "node:fs";

/** The processor time of this thread, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

let isTold = true;

/** How long this thread was ready to run and others had its core, in milliseconds; 0 where the system doesn't tell. */
export function waitedMs(): number {
  if (!isTold) return 0;
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[1] ?? 0) / 1e6;
  } catch {
    isTold = false;
    return 0;
  }
}
