import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { keyFunctions } from "#storage/redis/keys";

/** A script as the server runs it, and the digest by which it is called. */
export interface Script {
  text: string;
  sha: string;
}

const folder = new URL("./scripts/", import.meta.url);
const known = new Map<string, Script>();

/**
 * The script of an operation: the functions for the keys that it uses, what it needs of the parts that its file names
 * with `-- uses` (and of those that they use), the file itself.
 */
export function scriptOf(name: string): Script {
  const found = known.get(name);
  if (found !== undefined) return found;
  const text = assemble(name);
  const script = { text, sha: createHash("sha1").update(text).digest("hex") };
  known.set(name, script);
  return script;
}

function assemble(name: string): string {
  const parts = new Map<string, string>();
  const main = readPart(parts, `${name}.lua`);
  const definitions = needed([...parts.values()].flatMap(splitPart), main);
  const body = [...definitions, main].join("\n");
  return `${keyFunctions(body)}\n${body}`;
}

/** The text of a file; the parts that it uses are put before it, each once. */
function readPart(parts: Map<string, string>, path: string): string {
  const text = readFileSync(new URL(path, folder), "utf8");
  const uses = /^-- uses (.*)$/m.exec(text)?.[1]?.split(", ") ?? [];
  for (const part of uses) {
    if (!parts.has(part)) parts.set(part, readPart(parts, `lib/${part}.lua`));
  }
  return withoutComments(text);
}

function withoutComments(text: string): string {
  return text.replaceAll(/^ *--.*\n/gm, "");
}

/** The definitions of a part: each begins with `local` at the beginning of a line. */
function splitPart(text: string): string[] {
  return text.split(/^(?=local )/m).filter((definition) => definition.trim() !== "");
}

/**
 * Those that the main text needs, in their order. A server runs all of a script at each call, and Lua 5.1 makes a
 * function in a time that grows with the number of those that are there: what isn't needed would cost more than the rest.
 */
function needed(definitions: readonly string[], main: string): string[] {
  const words = wordsOf(main);
  const kept: string[] = [];
  for (const definition of definitions.toReversed()) {
    const head = /^local (?:function )?([\w, ]+)/.exec(definition)?.[1] ?? "";
    if (!head.split(", ").some((name) => words.has(name.trim()))) continue;
    kept.unshift(definition);
    for (const word of wordsOf(definition)) words.add(word);
  }
  return kept;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.match(/[A-Za-z_]\w*/g));
}
