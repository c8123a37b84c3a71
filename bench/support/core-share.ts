import { readFileSync } from "node:fs";

/** Of a process' main thread: how much of a core it had, and how much more it would have taken while others had it. */
export interface Share {
  had: number;
  waited: number;
}

/** What the main threads of processes had of a core while `run` ran; zeros where the system doesn't tell. */
export async function coreShares(
  pids: Readonly<Record<string, number>>,
  run: () => Promise<unknown>,
): Promise<Record<string, Share>> {
  const read = () => Object.entries(pids).map(([name, pid]) => ({ name, ...schedule(pid) }));
  const before = read();
  const begun = performance.now();
  await run();
  const ms = performance.now() - begun;
  const shares = read().map(({ name, ranMs, waitedMs }, at): [string, Share] => [
    name,
    { had: (ranMs - (before[at]?.ranMs ?? 0)) / ms, waited: (waitedMs - (before[at]?.waitedMs ?? 0)) / ms },
  ]);
  return Object.fromEntries(shares);
}

/** Who keeps the others from being faster: whoever is never idle, or the cores that it waits for. */
export function limitOf(shares: Readonly<Record<string, Share>>): string {
  const [name, share] = Object.entries(shares).reduce((a, b) =>
    b[1].had + b[1].waited > a[1].had + a[1].waited ? b : a,
  );
  const wanted = share.had + share.waited;
  if (wanted < 0.8) return "nobody: all wait for each other";
  return share.waited > wanted / 4 ? `the machine's cores (${name} waits for one)` : name;
}

function schedule(pid: number): { ranMs: number; waitedMs: number } {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ").map(Number);
    return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
  } catch {
    return { ranMs: 0, waitedMs: 0 };
  }
}
