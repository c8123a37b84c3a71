// The publishable form of each package: JavaScript and declarations, because Node strips no types in node_modules.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { bundle } from "./bundle.ts";
import { type Manifest, type Published, published, readManifest, root, stageFolder } from "./packages.ts";
import { run } from "./run.ts";

/** Makes all of them anew in `stageFolder`. */
export async function stageAll(): Promise<void> {
  rmSync(stageFolder, { recursive: true, force: true });
  await Promise.all(published.map(stage));
}

async function stage(one: Published): Promise<void> {
  const manifest = readManifest(one.folder);
  const publicDoors = doors(manifest);
  const entries = [...Object.values(publicDoors), ...one.started.map((path) => `./src/${path}.ts`)];
  await compile(one, entries);
  copyAssets(join(one.folder, "src"), join(one.stage, "dist"));
  const wanted = Object.values(publicDoors).map((source) => built(source, ".d.ts"));
  dropUnreachable(one.stage, wanted);
  if (manifest.bin) cpSync(join(one.folder, "bin"), join(one.stage, "bin"), { recursive: true });
  cpSync(join(root, one.readme), join(one.stage, "README.md"));
  cpSync(join(root, "LICENSE"), join(one.stage, "LICENSE"));
  const text = JSON.stringify(publishedManifest(manifest, relative(root, one.folder)), null, 2);
  writeFileSync(join(one.stage, "package.json"), `${text}\n`);
  if (one.bundled.length > 0) await bundle(one.stage, one.bundled);
}

/** Only what the entries reach: tests of the store's makers, say, stay in the repo. */
async function compile({ folder, stage: target }: Published, entries: readonly string[]): Promise<void> {
  mkdirSync(target, { recursive: true });
  const project = join(target, "tsconfig.json");
  const compilerOptions = {
    rootDir: join(folder, "src"),
    outDir: join(target, "dist"),
    noEmit: false,
    noEmitOnError: true,
    allowImportingTsExtensions: false,
    declaration: true,
    incremental: false,
    tsBuildInfoFile: null,
    typeRoots: [join(root, "node_modules", "@types")],
  };
  const files = entries.map((path) => join(folder, path));
  const text = JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, files, include: [] });
  writeFileSync(project, text);
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--pretty", "false", "-p", project]);
  rmSync(project);
}

/** What stands beside the code and is read by it, such as scripts for a database. */
function copyAssets(from: string, to: string): void {
  for (const path of readdirSync(from, { recursive: true, encoding: "utf8" })) {
    if (/\.[a-z]+$/.test(path) && !/\.(ts|md)$/.test(path)) cpSync(join(from, path), join(to, path));
  }
}

/** What a package exports for everybody, by its source. The door to the internals is for the repo's own tests. */
export function doors({ exports }: Pick<Manifest, "exports">): Record<string, string> {
  return Object.fromEntries(Object.entries(exports).filter(([, path]) => /^\.\/src\/[^*]+\.ts$/.test(path)));
}

/** `package.json` as it is published. */
export function publishedManifest(manifest: Manifest, folder: string): Record<string, unknown> {
  const { devDependencies: _, publishConfig, ...rest } = manifest;
  const exports = Object.entries(doors(manifest)).map(([door, source]) => [
    door,
    { types: `./${built(source, ".d.ts")}`, default: `./${built(source, ".js")}` },
  ]);
  return {
    ...rest,
    ...repository(folder),
    imports: { "#*": { types: "./dist/*.d.ts", default: "./dist/*.js" } },
    exports: { ...Object.fromEntries(exports), "./package.json": "./package.json" },
    files: manifest.bin ? ["bin", "dist"] : ["dist"],
    // npm publishes from the folder that holds this file.
    publishConfig: { ...publishConfig, directory: undefined },
  };
}

/** Where the release is made tells it; a proof of provenance has to name the same place. */
function repository(directory: string): Record<string, unknown> {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: path } = process.env;
  return server && path ? { repository: { type: "git", url: `git+${server}/${path}.git`, directory } } : {};
}

function built(source: string, extension: string): string {
  return source.replace(/^\.\/src\//, "dist/").replace(/\.ts$/, extension);
}

/** Removes the declarations that no door leads to: nobody could import them. */
function dropUnreachable(stageOf: string, wanted: readonly string[]): void {
  const reached = new Set(wanted);
  for (const path of reached) {
    for (const name of namedIn(readFileSync(join(stageOf, path), "utf8"), path)) reached.add(name);
  }
  for (const path of readdirSync(join(stageOf, "dist"), { recursive: true, encoding: "utf8" })) {
    if (path.endsWith(".d.ts") && !reached.has(`dist/${path}`)) rmSync(join(stageOf, "dist", path));
  }
}

/** The declarations of the same package that one of them names: by `#`, or as the compiler writes it, by a relative path. */
function namedIn(text: string, path: string): string[] {
  return [...text.matchAll(/["'](#|\.\.?\/)([\w./-]+)["']/g)].map(([, kind, name = ""]) =>
    kind === "#" ? `dist/${name}.d.ts` : posix.join(posix.dirname(path), `${kind}${name}`).replace(/\.js$/, ".d.ts"),
  );
}
