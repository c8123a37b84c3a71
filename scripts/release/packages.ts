// What is published, and where its parts stand.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The publishable forms. They find each other, as after an install, and everything else in the repo's own
 * node_modules: so they run where they stand.
 */
export const stageFolder = join(root, "dist", "node_modules");

/** Packed packages, the bill of materials. */
export const outFolder = join(root, "dist", "release");

/** The parts of a package.json that a release reads. */
export interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  type: string;
  engines: Record<string, string>;
  bin?: Record<string, string>;
  exports: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  publishConfig?: Record<string, unknown>;
}

export interface Published {
  name: string;
  /** Of its sources. */
  folder: string;
  /** Of its publishable form. */
  stage: string;
  /** Modules that nothing imports by name, as they are started by their path: from `src`, without an extension. */
  started: readonly string[];
  /** Dependencies whose code goes into its one file. */
  bundled: readonly string[];
  /** The README that goes with it, from the root. */
  readme: string;
  /** What it may grow to: files, and bytes once unpacked. Raise it when there is a reason to. */
  bounds: { files: number; bytes: number };
}

/** Whoever needs another one comes after it. */
export const published: readonly Published[] = [
  describe("protocol", "@avtomatika/protocol", {
    bundled: ["typebox"],
    bounds: { files: 60, bytes: 500_000 },
  }),
  describe("avtomatika", "avtomatika", {
    started: ["cli/main", "graph/layout-thread"],
    readme: "README.md",
    bounds: { files: 600, bytes: 1_500_000 },
  }),
  describe("worker", "@avtomatika/worker", { bounds: { files: 90, bytes: 150_000 } }),
  describe("client", "@avtomatika/client", { bounds: { files: 90, bytes: 150_000 } }),
];

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function describe(
  folder: string,
  name: string,
  {
    started = [],
    bundled = [],
    readme = `packages/${folder}/README.md`,
    bounds,
  }: Partial<Published> & Pick<Published, "bounds">,
): Published {
  return {
    name,
    folder: join(root, "packages", folder),
    stage: join(stageFolder, name),
    started,
    bundled,
    readme,
    bounds,
  };
}
