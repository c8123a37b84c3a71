/** One way to break something: in `file` (below its package's sources) `find` becomes `replace`. */
export interface Edit {
  file: string;
  find: string;
  replace: string;
}

/** Those that look at everything. */
export type General =
  | "simulation"
  | "suite"
  | "kill"
  | "storm"
  | "hostile"
  | "redis simulation"
  | "redis suite"
  | "chaos";
export type TestFile = `${string}.test.ts`;
export type Finder = General | TestFile;

export interface Planted {
  name: string;
  /** The folder below `packages`. */
  package: "avtomatika" | "worker" | "client";
  /** Who is asked, in this order, until one finds it. */
  finders: Finder[];
  edits: Edit[];
}

type EditText = [file: string, find: string, replace: string];

/** In the engine's package. The finder that should see it comes first, then those that look at everything. */
export function planted(name: string, finder: Finder, ...edits: EditText[]): Planted {
  const finders: Finder[] = [...new Set<Finder>([finder, "simulation", "suite", "kill"])];
  return { name, package: "avtomatika", finders, edits: edits.map(toEdit) };
}

/** In a script of the Redis store, below its folder `scripts`. */
export function plantedInScript(name: string, finder: Finder, ...edits: EditText[]): Planted {
  const finders: Finder[] = [...new Set<Finder>([finder, "redis simulation", "redis suite"])];
  const own = edits.map(([file, find, replace]): EditText => [`storage/redis/scripts/${file}`, find, replace]);
  return { name, package: "avtomatika", finders, edits: own.map(toEdit) };
}

/** In an SDK; `test` is a file of its package. */
export function plantedIn(sdk: "worker" | "client", name: string, test: string, ...edits: EditText[]): Planted {
  const finders: Finder[] = [`packages/${sdk}/test/${test}.test.ts`, "storm"];
  return { name, package: sdk, finders, edits: edits.map(toEdit) };
}

/** In what only engines over a real Redis run. */
export function plantedInRedis(name: string, ...edits: EditText[]): Planted {
  return { name, package: "avtomatika", finders: ["chaos"], edits: edits.map(toEdit) };
}

function toEdit([file, find, replace]: EditText): Edit {
  return { file, find, replace };
}
