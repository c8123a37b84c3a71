// The command line as processes of their own, in a folder of their own that has the package installed.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect } from "vitest";

export interface End {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Program {
  child: ChildProcess;
  /** Once it, and every process that has its streams, is gone. */
  end: Promise<End>;
  /** The first line of stdout. */
  url: Promise<string>;
  /** Resolves once stderr has a text, for the `times`-th time. */
  told: (text: string, times?: number) => Promise<void>;
}

const repo = fileURLToPath(new URL("../../../", import.meta.url));
const launcher = join(repo, "packages/avtomatika/bin/avtomatika.js");
const token = "secure-orchestrator-token";

/** A folder for one test file. Whatever is started in it is killed after each test. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "avtomatika-cli-"));
  readonly #running: ChildProcess[] = [];

  constructor() {
    mkdirSync(join(this.path, "node_modules"));
    symlinkSync(join(repo, "packages/avtomatika"), join(this.path, "node_modules/avtomatika"), "dir");
    this.write("package.json", JSON.stringify({ type: "module" }));
    afterEach(async () => {
      for (const child of this.#running.splice(0)) {
        const gone =
          child.exitCode === null && child.signalCode === null && new Promise((go) => child.once("exit", go));
        child.kill("SIGKILL");
        await gone;
      }
    });
    afterAll(() => rmSync(this.path, { recursive: true, force: true, maxRetries: 50 }));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.path, path)), { recursive: true });
    writeFileSync(join(this.path, path), text);
  }
  read(path: string): string {
    return readFileSync(join(this.path, path), "utf8");
  }
  has(path: string): boolean {
    return existsSync(join(this.path, path));
  }
  /** Runs to the end. */
  run(args: string[], extra: Record<string, string> = {}): Promise<End> {
    return this.start(args, extra).end;
  }
  start(args: string[], extra: Record<string, string> = {}): Program {
    return this.#node([launcher, ...args], extra);
  }
  /** Starts a program of the folder. */
  program(path: string, extra: Record<string, string> = {}): Program {
    return this.#node([path], extra);
  }

  #node(args: string[], extra: Record<string, string>): Program {
    const { NODE_ENV: _, ...env } = process.env;
    const child = spawn(process.execPath, args, { cwd: this.path, env: { ...env, ...extra } });
    this.#running.push(child);
    return follow(child);
  }
}

function follow(child: ChildProcess): Program {
  let [stdout, stderr] = ["", ""];
  const waiting = new Set<() => void>();
  child.stdout?.setEncoding("utf8").on("data", (part: string) => {
    stdout += part;
    for (const look of waiting) look();
  });
  child.stderr?.setEncoding("utf8").on("data", (part: string) => {
    stderr += part;
    for (const look of waiting) look();
  });
  const end = new Promise<End>((resolve) => {
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const look = () => holds() && resolve();
      waiting.add(look);
      void end.then(() => reject(new Error(`it ended early:\n${stderr}`)));
      look();
    });
  const url = until(() => stdout.includes("\n")).then(() => stdout.split("\n", 1)[0] as string);
  url.catch(() => {});
  return { child, end, url, told: (text, times = 1) => until(() => stderr.split(text).length > times) };
}

/** A request of the client; answers the JSON. */
// biome-ignore lint/suspicious/noExplicitAny: what tests look into is what they check
export async function call(method: string, url: string, body?: object): Promise<any> {
  const headers = { "x-client-token": token, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  expect([200, 202], `${method} ${url}`).toContain(response.status);
  return response.json();
}

/** A module with one blueprint: `start` leads to `end`, whose result is `{ version }`. */
export function flow(name: string, version: number | string = 1): string {
  return `import { StateMachineBlueprint } from "avtomatika";
export const flow = new StateMachineBlueprint({ name: "${name}", apiVersion: "v1", apiEndpoint: "/${name}" });
flow.handlerFor("start", { isStart: true }, ({ actions }) => actions.transitionTo("end"));
flow.handlerFor("end", { isEnd: true }, () => ({ version: ${version} }));
`;
}
