import { spawn } from "node:child_process";

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** In milliseconds; two minutes by default. */
  timeout?: number;
}

export interface Output {
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. Rejects with all it said unless it ends with 0. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
  const { code, ...output } = await tryRun(command, args, options);
  if (code === 0) return output;
  throw new Error(`${[command, ...args].join(" ")} ended with ${code}\n${output.stdout}${output.stderr}`);
}

/** The same for a program whose failure is an answer too. */
export function tryRun(
  command: string,
  args: readonly string[],
  { cwd, env, timeout = 120_000 }: RunOptions = {},
): Promise<Output & { code: number | NodeJS.Signals }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, timeout, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? signal ?? "SIGKILL", stdout, stderr }));
  });
}
