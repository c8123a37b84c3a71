import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AvtomatikaError } from "#core/errors";

/** What to write instead of syntax that has a meaning at run time, by the words of Node's message. */
const remedies: [RegExp, string][] = [
  [/enum/i, 'use an object: const Color = { Red: "red" } as const'],
  [/namespace|module/i, "use a module of its own, and import from it"],
  [/parameter property/i, "declare the field and assign it in the constructor"],
  [/import.*=|export.*=/i, "use import … from and export"],
  [/decorator/i, "call the function instead"],
];

/** An error of loading a module in words that help: where it is, and what to do. Others come as they are. */
export function explainLoadError(file: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const { message, stack = "" } = error;
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    const remedy = remedies.find(([words]) => words.test(message))?.[1] ?? "use JavaScript for it";
    return wrong(`${placeIn(stack) ?? file}: ${message.trim()}. Types are stripped, not compiled: ${remedy}.`, error);
  }
  if (code === "ERR_INVALID_TYPESCRIPT_SYNTAX" || (error instanceof SyntaxError && placeIn(stack) !== undefined)) {
    return wrong(`${placeIn(stack) ?? file}: ${message.trim()}`, error);
  }
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    const path = / for (.+)$/.exec(message)?.[1] ?? file;
    return wrong(`${path}: expected a TypeScript or JavaScript file (.ts, .mts, .js, .mjs)`, error);
  }
  if (code === "ERR_MODULE_NOT_FOUND" || code === "ERR_UNSUPPORTED_DIR_IMPORT") return explainMissing(error);
  return error;
}

/** The place that heads the stack of a syntax error: `file:line`. */
function placeIn(stack: string): string | undefined {
  const [, path, line] = /^(\S.*):(\d+)\n/.exec(stack) ?? [];
  if (path === undefined) return undefined;
  return `${path.startsWith("file:") ? fileURLToPath(path) : path}:${line}`;
}

function explainMissing(error: Error): unknown {
  const [, missing, importer] = /Cannot find (?:package|module) '(.*?)' imported from (.*)/.exec(error.message) ?? [];
  if (missing === undefined || importer === undefined) return error;
  const { line, specifier } = findImport(importer, missing);
  const where = `${importer}${line === undefined ? "" : `:${line}`}`;
  return wrong(`${where}: ${specifier} is not found. ${remedyFor(specifier)}`, error);
}

/** The line that imports what is missing: Node names a resolved path, the source has what was written. */
function findImport(importer: string, missing: string): { line: number | undefined; specifier: string } {
  const name = missing.split("/").at(-1) ?? missing;
  try {
    for (const [at, text] of readFileSync(importer, "utf8").split("\n").entries()) {
      const specifier = /(?:from|import)\s*\(?\s*["']([^"']+)["']/.exec(text)?.[1];
      if (specifier === undefined) continue;
      const isIt = specifier === missing || specifier.startsWith(`${missing}/`) || specifier.endsWith(name);
      if (isIt) return { line: at + 1, specifier };
    }
  } catch {
    // The importer can't be read: its name has to do.
  }
  return { line: undefined, specifier: missing };
}

function remedyFor(specifier: string): string {
  if (/^[@~]\/|^~/.test(specifier)) {
    return 'It looks like a path alias of tsconfig.json, which Node doesn\'t know: import by a relative path with the extension ("./lib/x.ts"), or by "imports" of package.json ("#lib/x").';
  }
  if (/^\.{0,2}\//.test(specifier)) return 'A relative import names the file with its extension: "./flow.ts".';
  return "Install the package; if it is a path alias of tsconfig.json, import by a relative path with the extension instead.";
}

function wrong(message: string, cause: unknown): AvtomatikaError {
  return new AvtomatikaError("invalid_argument", message, { cause });
}
