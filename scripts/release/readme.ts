// README.md as a program: its blocks, a shell that runs them, and what stands for what differs from run to run.
import { spawn } from "node:child_process";

export interface Block {
  language: string;
  text: string;
}

const separator = "--- end of a block ---";

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({ language, text }));
}

/** Runs all blocks in one shell that stops at the first fault; answers what each printed. */
export function runBash(
  texts: readonly string[],
  { cwd, env }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<string[]> {
  const script = texts.map((text) => `${text}\necho\necho "${separator}"\n`).join("");
  return new Promise((resolve, reject) => {
    const shell = spawn("bash", ["-euo", "pipefail"], { cwd, env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    let [output, errors] = ["", ""];
    shell.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    shell.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    shell.once("error", reject);
    shell.once("exit", (code) => {
      if (code !== 0) killGroup(shell.pid as number);
      if (code === 0) resolve(output.split(`${separator}\n`).slice(0, -1));
      else reject(new Error(`bash ended with ${code}\n${output}\n${errors}`));
    });
    shell.stdin.end(script);
  });
}

/** A block that failed may have left its engine. */
function killGroup(id: number): void {
  try {
    process.kill(-id, "SIGKILL");
  } catch {
    // Nothing is left.
  }
}

/** The five minutes with curl, run in `cwd`: what the blocks printed, and what they were told to print. */
export async function runCurlBlocks(
  blocks: readonly Block[],
  where: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<{ printed: unknown[]; told: unknown[] }> {
  const steps = blocks.flatMap((block, at) => (block.language === "bash" ? [{ block, next: blocks[at + 1] }] : []));
  const outputs = await runBash(
    steps.map(({ block }) => block.text),
    where,
  );
  const pairs = steps.flatMap(({ next }, at) =>
    next?.language === "json"
      ? [{ printed: JSON.parse(outputs[at] ?? "") as unknown, next: JSON.parse(next.text) }]
      : [],
  );
  return { printed: pairs.map(({ printed }) => printed), told: pairs.map(({ printed, next }) => fill(next, printed)) };
}

/** A number above this is an instant in Unix seconds: any other stands for it. */
const leastInstant = 1e9;

/** "…" stands for a text that differs from run to run, an instant for any other: they take the actual value, if it is of their kind. */
export function fill(expected: unknown, actual: unknown): unknown {
  if (expected === "…" && typeof actual === "string" && actual !== "") return actual;
  if (isInstant(expected) && isInstant(actual)) return actual;
  if (typeof expected !== "object" || expected === null) return expected;
  const fields = (actual ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, fill(value, fields[key])]));
}

function isInstant(value: unknown): boolean {
  return typeof value === "number" && value > leastInstant;
}
