// npm run release:check: makes the packages as they would be published and tries them as a user would.

import { shapeProblems } from "./check-shape.ts";
import { typeProblems } from "./check-types.ts";
import { closureOf, directNames, readLock } from "./closure.ts";
import { licenceProblems, thirdPartyProblems } from "./licences.ts";
import { findNodes } from "./nodes.ts";
import { contentProblems, type Packed, packAll } from "./pack.ts";
import { published } from "./packages.ts";
import { writeSbom } from "./sbom.ts";
import { stageAll } from "./stage.ts";
import { tryPackages } from "./try-packages.ts";

const maxDirect = 25;
/** Ways to install that have to be enough. */
const varieties = [[], ["--omit=optional"]];

const findings: string[] = [];

export async function check(): Promise<void> {
  await stageAll();
  const packed = await packAll();
  printTable(packed);
  await step("contents and sizes", async () => contentProblems(packed));
  await step("exports and types (publint, attw)", () => shapeProblems(packed));

  const lock = readLock();
  const tree = closureOf(lock);
  const direct = directNames(lock);
  await step(`dependencies: ${direct.length} direct (${direct.join(", ")}), ${tree.length} in all`, async () => [
    ...licenceProblems(tree),
    ...thirdPartyProblems(tree),
    ...(direct.length > maxDirect ? [`${direct.length} direct dependencies, ${maxDirect} are allowed`] : []),
  ]);

  const nodes = await findNodes();
  const newest = nodes.at(-1) as (typeof nodes)[number];
  await step("bill of materials: dist/release/sbom.cdx.json", () => writeSbom(packed, newest));
  await step("declarations in strict programs, for node16, nodenext and bundler", () => typeProblems(packed, newest));
  for (const node of nodes) {
    for (const options of varieties) {
      await step(["at work on Node", node.version, ...options].join(" "), async () =>
        licenceProblems(await tryPackages(packed, node, options)),
      );
    }
  }

  const files = packed.reduce((sum, one) => sum + one.files.length, 0);
  const bytes = packed.reduce((sum, one) => sum + one.bytes, 0);
  const dependencies = `direct dependencies ${direct.length} of ${maxDirect}, tree ${tree.length}`;
  console.log(
    `release: packages ${packed.length}, files ${files}, bytes ${bytes}, ${dependencies}, nodes ${nodes.length}, findings ${findings.length}`,
  );
  if (findings.length > 0) process.exitCode = 1;
}

/** A step that breaks is a finding as well. */
async function step(name: string, find: () => Promise<string[]>): Promise<void> {
  const begun = performance.now();
  const found = await find().catch((error: unknown) => [error instanceof Error ? String(error.stack) : String(error)]);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${found.length === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  for (const finding of found) console.log(finding.replace(/^/gm, "     "));
  findings.push(...found);
}

function printTable(packed: readonly Packed[]): void {
  const rows = packed.map(({ name, version, files, bytes, unpackedBytes }) => {
    const bounds = published.find((one) => one.name === name)?.bounds;
    return [name, version, `${files.length} of ${bounds?.files}`, `${unpackedBytes} of ${bounds?.bytes}`, `${bytes}`];
  });
  const head = ["package", "version", "files", "bytes unpacked", "bytes packed"];
  for (const row of [head, ...rows])
    console.log(
      row
        .map((cell, at) => cell.padEnd(at === 0 ? 24 : 20))
        .join("")
        .trimEnd(),
    );
}
