// What may not compile: in the files *-types.test.ts, every line below a comment that expects an error. That each is one is
// seen by tsc already; here, without these comments, that it is the error that is meant: it has the quoted words.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isMain, type RepoFile, readCode, report, root } from "./repo-files.ts";

const leastCases = 30;
const comment = /^\s*\/\/ @ts-expect-error: (.*)$/;
const problem = /^(\S+)\((\d+),\d+\): error (TS\d+: .*)$/;

interface Case {
  path: string;
  /** Of what may not compile, from 1. */
  line: number;
  /** What the compiler has to name. */
  words: string[];
}

interface Message {
  path: string;
  line: number;
  text: string;
}

if (isMain(import.meta.url)) {
  const files = readCode().filter(({ path }) => path.endsWith("-types.test.ts"));
  const cases = files.flatMap(findCases);
  const problems = [...countProblems(cases), ...judge(cases, compile(files))];
  report(problems, `${cases.length} lines that may not compile, in ${files.length} files`);
}

export function findCases({ path, text }: RepoFile): Case[] {
  return text.split("\n").flatMap((line, at) => {
    const reason = comment.exec(line)?.[1];
    if (reason === undefined) return [];
    return [{ path, line: at + 2, words: [...reason.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word) }];
  });
}

export function countProblems({ length }: readonly Case[]): string[] {
  return length < leastCases ? [`${length} lines that may not compile, at least ${leastCases} are expected`] : [];
}

/** Every case has to be an error that names its words, and nothing else may be one. */
export function judge(cases: readonly Case[], messages: readonly Message[]): string[] {
  const missed = cases.flatMap(({ path, line, words }) => {
    const place = `${path}:${line}`;
    if (words.length === 0) return [`${place}: say in quotes what the compiler has to name`];
    const texts = messages.filter((message) => message.path === path && message.line === line).map(({ text }) => text);
    if (texts.length === 0) return [`${place}: this compiles`];
    const lacks = words.filter((word) => !texts.some((text) => text.includes(word)));
    return lacks.map((word) => `${place}: the compiler doesn't name "${word}", but says ${texts.join("; ")}`);
  });
  const others = messages.filter(({ path, line }) => !cases.some((one) => one.path === path && one.line === line));
  return [...missed, ...others.map(({ path, line, text }) => `${path}:${line}: ${text}`)];
}

/** What tsc says of copies without the comments. The packages around them are the real ones. */
function compile(files: readonly RepoFile[]): Message[] {
  const folder = mkdtempSync(join(tmpdir(), "type-tests-"));
  try {
    for (const name of ["node_modules", "tsconfig.json"]) symlinkSync(join(root, name), join(folder, name));
    for (const { path, text } of files) {
      copyAround(folder, path);
      writeFileSync(join(folder, path), text.replaceAll("@ts-expect-error", "expected"));
    }
    const config = { extends: "./tsconfig.json", compilerOptions: { incremental: false }, include: ["packages"] };
    writeFileSync(join(folder, "copies.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules", ".bin", "tsc");
    const { stdout, error } = spawnSync(tsc, ["--project", "copies.json", "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8",
    });
    if (error) throw error;
    return readMessages(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A test's package as a folder of links, in which its imports lead where they should. */
function copyAround(folder: string, path: string): void {
  const home = path.split("/").slice(0, 2).join("/");
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  for (const name of ["package.json", "src"]) {
    try {
      symlinkSync(join(root, home, name), join(folder, home, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Lines that are indented belong to the message before them. */
function readMessages(output: string): Message[] {
  const messages: Message[] = [];
  for (const line of output.split("\n")) {
    const [, path = "", at = "", text = ""] = problem.exec(line) ?? [];
    if (path !== "") messages.push({ path, line: Number(at), text });
    else if (messages.length > 0 && line.startsWith(" ")) (messages.at(-1) as Message).text += ` ${line.trim()}`;
    else if (line !== "") throw new Error(`tsc says what isn't understood: ${line}`);
  }
  return messages;
}
