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
 * The script of an operation: the functions for the keys that it uses, the parts that its file names with
 * `-- uses` (and those that they use), the file itself.
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
  addPart(parts, `${name}.lua`);
  const body = [...parts.values()].join("\n");
  return `${keyFunctions(body)}\n${body}`;
}

/** A part stands behind those that it uses, once. */
function addPart(parts: Map<string, string>, path: string): void {
  if (parts.has(path)) return;
  const text = readFileSync(new URL(path, folder), "utf8");
  const uses = /^-- uses (.*)$/m.exec(text)?.[1]?.split(", ") ?? [];
  for (const part of uses) addPart(parts, `lib/${part}.lua`);
  parts.set(path, text);
}
