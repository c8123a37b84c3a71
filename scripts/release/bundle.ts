// One file instead of the hundreds that a package's dependency consists of: each costs time at every start.
import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { root } from "./packages.ts";

/** Where the licence of code that stands in the bundle is found, below the package. */
export function licenceOf(dependency: string): string {
  return `dist/${dependency}.license.txt`;
}

/**
 * Puts the compiled package and the code of `dependencies` into its `dist/index.js`, with their licences beside it. The
 * declarations stay as they are, and with them the dependency.
 */
export async function bundle(stage: string, dependencies: readonly string[]): Promise<void> {
  const dist = join(stage, "dist");
  const isInside = (id: string): boolean =>
    /^[#./]/.test(id) || dependencies.some((name) => `${id}/`.startsWith(`${name}/`));
  const build = await rolldown({
    input: join(dist, "index.js"),
    platform: "node",
    external: (id) => !isInside(id),
  });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  const [entry, ...more] = output;
  if (more.length > 0)
    throw new Error(`${stage}: expected one file, got ${output.map((one) => one.fileName).join(", ")}`);
  for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (path.endsWith(".js")) rmSync(join(dist, path));
  }
  writeFileSync(join(dist, "index.js"), entry.code);
  for (const name of dependencies) {
    const licence = readdirSync(join(root, "node_modules", name)).find((file) => /^licen[cs]e/i.test(file));
    if (licence === undefined) throw new Error(`${name} has no licence file to go with its code`);
    cpSync(join(root, "node_modules", name, licence), join(stage, licenceOf(name)));
  }
}
