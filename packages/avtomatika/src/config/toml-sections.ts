import { createRequire } from "node:module";
import type * as Toml from "smol-toml";
import type { Kind } from "#config/kinds";
import { describe } from "#core/describe";
import { isPrincipal, principalForm } from "#core/names";
import { getOwn, isObject } from "#core/plain-object";

/** One section of a file; what is wrong with it goes to `faults`. */
export interface Section {
  name: string;
  /** How messages call it: `clients.toml: [acme]`. */
  place: string;
  table: Readonly<Record<string, unknown>>;
  faults: string[];
}

/** The sections of a file whose sections are ids, in order. What is wrong is pushed onto `faults`. */
export function readSections(text: string, file: string, faults: string[]): Section[] {
  const sections: Section[] = [];
  for (const [name, table] of Object.entries(parseToml(text, file, faults))) {
    const place = `${file}: [${printable(name)}]`;
    if (!isObject(table) || table instanceof Date) {
      const came = Array.isArray(table) ? "an array" : "a key outside of any section";
      faults.push(`${file}: ${printable(name)}: expected a section [${printable(name)}], got ${came}`);
    } else if (!isPrincipal(name)) {
      faults.push(`${place}: expected a name of ${principalForm}, got ${describe(name)}`);
    } else {
      sections.push({ name, place, table, faults });
    }
  }
  return sections;
}

/** The value of a key; `fallback` for one that is not there, or that can't be used. */
export function readKey<T>({ table, place, faults }: Section, key: string, kind: Kind<T>, fallback: T): T {
  const value = getOwn(table, key);
  if (value === undefined) return fallback;
  const usable = kind.read(value);
  if (usable !== undefined) return usable;
  const came = kind.secret === true ? describeSecret(value) : describe(value);
  faults.push(`${place} ${key}: expected ${kind.expected}, got ${came}`);
  return fallback;
}

const require = createRequire(import.meta.url);

/** The parser is loaded with the first text: most engines have no file. */
function parseToml(text: string, file: string, faults: string[]): Record<string, unknown> {
  // An editor that writes a file anew leaves it empty for a moment: that says nothing about who may come in.
  if (text.trim() === "")
    faults.push(`${file}: expected sections, got an empty file (a comment says that it is meant)`);
  const { parse, TomlError } = require("smol-toml") as typeof Toml;
  try {
    return parse(text, { integersAsBigInt: "asNeeded", maxDepth: 100 });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // Beyond its first line the parser's message quotes the text, and a token may stand there.
    const what = (error.message.split("\n", 1)[0] as string).replace("Invalid TOML document: ", "");
    faults.push(`${file}: line ${error.line}, column ${error.column}: it is not TOML: ${what}`);
    return {};
  }
}

/** The kind of a value that nobody may read. */
function describeSecret(value: unknown): string {
  if (typeof value === "object") return describe(value);
  return value === "" ? "an empty text" : `${typeof value === "string" ? "another text" : `a ${typeof value}`}`;
}

function printable(name: string): string {
  return /^[\w-]{1,128}$/.test(name) ? name : describe(name);
}
