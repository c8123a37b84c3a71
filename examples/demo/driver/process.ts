// A process of the demo: its output, its end.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

export interface Started {
  name: string;
  pid: number;
  child: ChildProcess;
  /** Where its stderr goes. */
  log: string;
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string>;
}

/** What is run. */
export interface Program {
  path: string;
  /** What it is called by, where that matters to it. */
  argv0?: string;
  args: readonly string[];
}

/** Runs a program. Its stdin stays open as long as this process lives. */
export function start(name: string, { path, argv0, args }: Program, env: NodeJS.ProcessEnv, log: string): Started {
  const stderr = openSync(log, "a");
  const child = spawn(path, args, {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", stderr],
    ...(argv0 !== undefined && { argv0 }),
  });
  closeSync(stderr);
  const ended = new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code ?? String(signal)));
  });
  child.stdin?.on("error", () => {});
  return { name, pid: child.pid ?? 0, child, log, ended };
}

/** The first line of its stdout that has `part` in it. Rejects with the end of what it told if it ends before. */
export async function lineWith({ name, child, log, ended }: Started, part = ""): Promise<string> {
  let text = "";
  const line = new Promise<string>((resolve) => {
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const found = text
        .split("\n")
        .slice(0, -1)
        .find((each) => each.includes(part));
      if (found !== undefined) resolve(found);
    });
  });
  const end = ended.then((how) => {
    throw new Error(`${name} ended with ${how} before it was ready: ${text}${endOf(log)}`);
  });
  return Promise.race([line, end]);
}

/** Everything it printed, once it has ended well. */
export async function outputOf({ name, child, log, ended }: Started): Promise<string> {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const how = await ended;
  if (how !== 0) throw new Error(`${name} ended with ${how}: ${endOf(log)}`);
  return text;
}

/** Asks it to end, and insists after 20 s. Resolves with how it ended. */
export async function end({ child, ended }: Started): Promise<number | string> {
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const how = await ended;
  clearTimeout(insist);
  return how;
}

export function endOf(log: string): string {
  return readFileSync(log, "utf8").trim().split("\n").slice(-8).join("\n");
}
