// Imports go one way. The order of the layers is the table below; the reasons are in CONTRIBUTING.md.
import { parseSync, Visitor } from "oxc-parser";
import { isMain, isSource, type RepoFile, readCode, report } from "./repo-files.ts";

/** The engine's folders and what each may import beside itself. */
const layers: Record<string, readonly string[]> = {
  core: [],
  config: ["core"],
  graph: ["core"],
  storage: ["core"],
  history: ["core", "storage"],
  engine: ["core", "storage", "history", "config"],
  server: ["core", "storage", "history", "engine", "config"],
  cli: ["core", "storage", "history", "engine", "server", "config"],
  // The test kit: behind the door `testing.ts`, used by nothing else.
  testing: ["core", "storage", "history", "engine", "server", "config"],
};

/** Our packages and which of ours each may import; the engine's are judged per layer. */
const packages: Record<string, readonly string[]> = {
  protocol: [],
  worker: ["@avtomatika/protocol"],
  client: ["@avtomatika/protocol"],
  console: ["@avtomatika/protocol", "@avtomatika/client"],
};

/** All that the core may use from outside. */
const coreMayImport = ["acorn", "@marcbachmann/cel-js", "@viz-js/viz"];
/** What would make the core depend on when and where it runs: these are arguments there. */
const coreMayNotCall = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch"];
const coreMayNotRead = ["Date.now", "Math.random", "performance.now", "crypto.randomUUID"];
const coreMayNotName = ["process", "Buffer"];

if (isMain(import.meta.url)) report(layerProblems(readCode().filter((file) => isSource(file.path))), "");

export function layerProblems(files: readonly RepoFile[]): string[] {
  return files
    .filter(({ path }) => /\.tsx?$/.test(path))
    .flatMap((file) => {
      const { imports, uses } = read(file);
      const refused = imports.map((name) => refusal(file.path, name));
      const impure =
        placeOf(file.path).layer === "core" ? uses.map((use) => `the core gets ${use} as an argument`) : [];
      return [...refused, ...impure]
        .filter((reason) => reason !== undefined)
        .map((reason) => `${file.path}: ${reason}`);
    });
}

/** Why a file may not import that, or undefined if it may. */
function refusal(path: string, name: string): string | undefined {
  const place = placeOf(path);
  if (name.startsWith(".")) return `"${name}" is relative; inside a package write "#folder/file"`;
  if (place.package === "avtomatika") return refusalInEngine(place.layer, name);
  const allowed = packages[place.package];
  if (allowed === undefined) return `the package ${place.package} has no place in scripts/check/layers.ts yet`;
  const isOurs = /^(@avtomatika\/|avtomatika($|\/))/.test(name);
  return isOurs && !allowed.includes(name) ? `${place.package} may not import ${name}` : undefined;
}

/** A file directly in `src` is a door to the outside and may re-export from anywhere. */
function refusalInEngine(layer: string | undefined, name: string): string | undefined {
  if (/^(@avtomatika\/(worker|client)|avtomatika)($|\/)/.test(name)) return `the engine may not import ${name}`;
  if (layer === undefined) return undefined;
  const allowed = layers[layer];
  if (allowed === undefined) return `the folder ${layer} has no place in scripts/check/layers.ts yet`;
  if (name.startsWith("#")) {
    const [target = "", ...rest] = name.slice(1).split("/");
    if (rest.length === 0) return `${layer} may not import the door ${name}; name the file that owns it`;
    return target === layer || allowed.includes(target) ? undefined : `${layer} may not import ${target} (${name})`;
  }
  if (name.startsWith("@avtomatika/protocol") && layer !== "server") return `${layer} may not import the protocol`;
  if (layer === "core" && !coreMayImport.includes(name)) return `core may not import ${name}`;
  return undefined;
}

function placeOf(path: string): { package: string; layer: string | undefined } {
  const [, name = "", , ...rest] = path.split("/");
  return { package: name, layer: rest.length > 1 ? rest[0] : undefined };
}

/** Every module a file names, in whatever form, and what it uses of the world around it. */
function read({ path, text }: RepoFile): { imports: string[]; uses: string[] } {
  const { program, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path} can't be parsed: ${errors[0].message}`);
  const imports: string[] = [];
  const uses: string[] = [];
  const name = (node: { type: string; value?: unknown } | null) => {
    if (node?.type === "Literal" && typeof node.value === "string") imports.push(node.value);
  };
  new Visitor({
    ImportDeclaration: (node) => name(node.source),
    ExportNamedDeclaration: (node) => name(node.source),
    ExportAllDeclaration: (node) => name(node.source),
    ImportExpression: (node) => name(node.source),
    TSImportType: (node) => name(node.source),
    CallExpression(node) {
      if (node.callee.type === "Identifier" && coreMayNotCall.includes(node.callee.name)) uses.push(node.callee.name);
    },
    NewExpression(node) {
      const isNow = node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 0;
      if (isNow) uses.push("the time (new Date())");
    },
    MemberExpression(node) {
      if (node.object.type !== "Identifier" || node.property.type !== "Identifier") return;
      const member = `${node.object.name}.${node.property.name}`;
      if (coreMayNotRead.includes(member)) uses.push(member);
      if (coreMayNotName.includes(node.object.name)) uses.push(node.object.name);
    },
  }).visit(program);
  return { imports, uses };
}
