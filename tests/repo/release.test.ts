// What a release is judged by, each rule shown to find what it is there for; and the files that CI runs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { closureOf, directNames, type Lock, readLock } from "../../scripts/release/closure.ts";
import { isAllowed, licenceProblems, thirdPartyProblems, thirdPartyText } from "../../scripts/release/licences.ts";
import { contentProblems, type Packed } from "../../scripts/release/pack.ts";
import { type Published, published, readManifest, root } from "../../scripts/release/packages.ts";
import { publishedManifest } from "../../scripts/release/stage.ts";
import { closeChangelog } from "../../scripts/release/version.ts";

const small: Published = {
  ...(published[0] as Published),
  name: "small",
  bundled: [],
  bounds: { files: 6, bytes: 1000 },
};
const fine: Packed = {
  name: "small",
  version: "1.0.0",
  path: "/small.tgz",
  integrity: "sha512-x",
  files: ["package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts", "dist/core/a-b.js"],
  bytes: 100,
  unpackedBytes: 1000,
};

test("a package holds what it needs, nothing else, within its bounds", () => {
  const problems = (change: Partial<Packed>) => contentProblems([{ ...fine, ...change }], [small]);
  expect(problems({})).toEqual([]);
  expect(problems({ name: "other" })).toEqual(["small was not packed"]);
  expect(problems({ files: fine.files.filter((path) => path !== "LICENSE") })).toEqual(["small: LICENSE is missing"]);
  const bundling = { ...small, bundled: ["a"] };
  expect(contentProblems([fine], [bundling])).toEqual(["small: dist/a.license.txt is missing"]);
  for (const path of ["src/index.ts", "dist/core/a.ts", "test/a.test.ts", "dist/.env", ".npmrc", "tsconfig.json"]) {
    const files = [...fine.files.slice(0, 5), path];
    expect(problems({ files })).toEqual([`small: ${path} doesn't belong into a package`]);
  }
  expect(problems({ files: [...fine.files, "dist/c.js"] })).toEqual(["small: 7 files, 6 are allowed"]);
  expect(problems({ unpackedBytes: 1001 })).toEqual(["small: 1001 bytes, 1000 are allowed"]);
});

test("what is published has no door to the internals, no TypeScript to run and none of our tools", () => {
  for (const { folder } of published) {
    const manifest = publishedManifest(readManifest(folder), "packages/x");
    const text = JSON.stringify(manifest);
    expect(text).not.toContain("internal");
    expect(text.replaceAll(".d.ts", "")).not.toContain(".ts");
    expect(manifest).not.toHaveProperty("devDependencies");
    expect(manifest["publishConfig"]).toEqual({ access: "public", provenance: true });
  }
  const engine = publishedManifest(readManifest(join(root, "packages/avtomatika")), "packages/avtomatika");
  expect(engine["exports"]).toMatchObject({
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./testing": { types: "./dist/testing.d.ts", default: "./dist/testing.js" },
  });
});

test("all packages have one version, and ask for each other by it", () => {
  const manifests = published.map(({ folder }) => readManifest(folder));
  expect(new Set(manifests.map(({ version }) => version)).size).toBe(1);
  for (const { version, dependencies = {} } of manifests) {
    for (const { name } of published) expect([version, undefined]).toContain(dependencies[name]);
  }
});

test("dependencies are found as Node finds them, through links, and without development's", () => {
  const own = published.map(({ folder, name }) => [name, folder.slice(root.length + 1)] as const);
  const [first, second] = own as [(typeof own)[0], (typeof own)[0]];
  const lock: Lock = {
    packages: {
      [`node_modules/${first[0]}`]: { link: true, resolved: first[1] },
      [`node_modules/${second[0]}`]: { link: true, resolved: second[1] },
      [first[1]]: { version: "1.0.0", dependencies: { a: "1" }, devDependencies: { tool: "1" } },
      [second[1]]: {
        version: "1.0.0",
        dependencies: { [first[0]]: "1", b: "1" },
        optionalDependencies: { gone: "1" },
        peerDependencies: { feature: "1" },
        peerDependenciesMeta: { feature: { optional: true } },
      },
      "node_modules/a": { version: "1.0.0", license: "MIT", dependencies: { b: "1" } },
      "node_modules/b": { version: "1.0.0", license: "ISC" },
      [`${second[1]}/node_modules/b`]: { version: "2.0.0" },
      "node_modules/feature": { version: "1.0.0", license: "MIT" },
      "node_modules/tool": { version: "1.0.0", license: "GPL-3.0" },
    },
  };
  const found = closureOf(lock).map(({ name, version, license }) => [name, version, license]);
  expect(found).toEqual([
    ["a", "1.0.0", "MIT"],
    ["b", "1.0.0", "ISC"],
    ["b", "2.0.0", "none"],
    ["feature", "1.0.0", "MIT"],
  ]);
  expect(closureOf(lock, { optionalPeers: false }).map(({ name }) => name)).toEqual(["a", "b", "b"]);
  expect(directNames(lock)).toEqual(["a", "b", "feature", "gone"]);
  delete lock.packages["node_modules/a"];
  expect(() => closureOf(lock)).toThrow("package-lock.json has no a for");
});

test("licences are judged by a list", () => {
  expect(["MIT", "(MIT OR GPL-3.0)", "MIT AND ISC", "BlueOak-1.0.0"].filter((name) => !isAllowed(name))).toEqual([]);
  expect(["GPL-3.0", "MIT AND GPL-3.0", "none", "SEE LICENSE IN X", ""].filter(isAllowed)).toEqual([]);
  expect(licenceProblems([{ name: "a", version: "1.0.0", license: "AGPL-3.0" }])).toHaveLength(1);
});

test("THIRD-PARTY.md is true, and a change of the lockfile would be noticed", () => {
  const list = closureOf(readLock());
  expect(list.length).toBeGreaterThan(20);
  expect(thirdPartyProblems(list)).toEqual([]);
  expect(thirdPartyProblems(list.slice(1))).toHaveLength(1);
  expect(thirdPartyText(list)).not.toBe(
    thirdPartyText(list.map((one, at) => (at === 3 ? { ...one, version: "9" } : one))),
  );
});

test("a version takes over what was unreleased", () => {
  const date = new Date("2026-03-04T23:59:00Z");
  const text = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n";
  expect(closeChangelog(text, "0.2.0", date)).toBe(
    "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-03-04\n\n### Added\n\n- A thing.\n",
  );
  expect(() => closeChangelog("# Changelog\n", "0.2.0", date)).toThrow("one heading");
  expect(() => closeChangelog("## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n", "0.2.0", date)).toThrow("says nothing");
});

interface Workflow {
  on: unknown;
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      "runs-on": string;
      "timeout-minutes": number;
      permissions?: Record<string, string>;
      strategy?: { matrix: Record<string, string[]> };
      steps: { uses?: string; run?: string }[];
    }
  >;
}

function workflow(name: string): Workflow {
  const document = parseDocument(readFileSync(join(root, ".github/workflows", name), "utf8"));
  expect(document.errors).toEqual([]);
  return document.toJS() as Workflow;
}

test.each(["ci.yml", "release.yml"])("%s is a workflow that may read by default, and runs what is there", (name) => {
  const { on, permissions, jobs } = workflow(name);
  expect(on).toBeTypeOf("object");
  expect(permissions).toEqual({ contents: "read" });
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  for (const job of Object.values(jobs)) {
    expect(job["timeout-minutes"]).toBeGreaterThan(0);
    for (const { uses, run = "" } of job.steps) {
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
      for (const [, script = ""] of run.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty(script);
      expect(uses ?? run).not.toBe("");
    }
  }
});

test("CI runs the proof on the oldest Node that packages promise, and on 24", () => {
  const { jobs } = workflow("ci.yml");
  const { engines } = readManifest(join(root, "packages/avtomatika"));
  const [oldest = "", newest] = jobs["proof"]?.strategy?.matrix["node"] ?? [];
  expect(`>=${oldest}`).toBe(`${engines["node"]}.0`);
  expect(newest).toBe("24");
  expect(jobs["proof"]?.steps.at(-1)?.run).toBe(".ci/run");
});

test("a release is proven and checked before it is published, with its provenance", () => {
  const { jobs } = workflow("release.yml");
  expect(jobs["publish"]?.permissions).toEqual({ contents: "write", "id-token": "write" });
  const runs = jobs["publish"]?.steps.flatMap(({ run = [] }) => run);
  expect(runs).toEqual([".ci/run", "npm run release:check", "npx --no changeset publish", "git push --tags"]);
});
