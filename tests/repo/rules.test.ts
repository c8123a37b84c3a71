// The rules of `npm run check`, each shown to find what it is there for.
import { expect, test } from "vitest";
import { layerProblems } from "../../scripts/check/layers.ts";
import { nameProblems, rootProblems, silencerProblems } from "../../scripts/check/names.ts";
import { sizeProblems } from "../../scripts/check/size.ts";
import { countProblems, findCases, judge } from "../../scripts/check/type-tests.ts";

const engine = (path: string, text: string) => layerProblems([{ path: `packages/avtomatika/src/${path}`, text }]);
const lines = (count: number, path = `packages/a/src/${count}.ts`) => ({ path, text: "x\n".repeat(count) });

test.each([
  ["core/a.ts", 'import { a } from "#core/b";'],
  ["core/a.ts", 'import { parse } from "acorn";'],
  ["core/a.ts", "const later = new Date(now); text.process;"],
  ["core/close/a.ts", 'import type { A } from "#core/close-step";'],
  ["config/env.ts", 'import { a } from "#core/errors"; import "node:fs";'],
  ["engine/runner.ts", 'import { a } from "#config/env"; import { b } from "#history/port";'],
  ["server/app.ts", 'import { a } from "@avtomatika/protocol"; import { b } from "#engine/engine";'],
  ["index.ts", 'export { a } from "#cli/main"; export { b } from "#core/b";'],
])("%s may say %s", (path, text) => {
  expect(engine(path, text)).toEqual([]);
});

test.each([
  ["core/a.ts", 'import { a } from "#storage/storage";'],
  ["core/a.ts", 'import type { A } from "#engine/runner";'],
  ["core/a.ts", 'import { readFile } from "node:fs";'],
  ["core/a.ts", 'const { a } = await import("fastify");'],
  ["core/a.ts", 'type A = import("#server/app").A;'],
  ["core/a.ts", 'export * from "#history/port";'],
  ["core/a.ts", "const now = Date.now();"],
  ["core/a.ts", "const now = new Date();"],
  ["core/a.ts", "setTimeout(go, 5);"],
  ["core/a.ts", "process.exit();"],
  ["storage/memory/a.ts", 'import { a } from "#config/env";'],
  ["storage/memory/a.ts", 'import { a } from "#history/port";'],
  ["config/env.ts", 'import { a } from "#storage/storage";'],
  ["engine/runner.ts", 'import { a } from "#server/app";'],
  ["engine/runner.ts", 'import { a } from "@avtomatika/protocol";'],
  ["server/app.ts", 'import { a } from "#cli/main";'],
  ["server/app.ts", 'import { a } from "./routes.ts";'],
  ["server/app.ts", 'import { a } from "#index";'],
  ["server/app.ts", 'import { a } from "avtomatika/internal/core/a";'],
  ["attic/a.ts", 'import { a } from "#core/a";'],
])("%s may not say %s", (path, text) => {
  expect(engine(path, text)).toHaveLength(1);
});

test("the SDKs know the protocol and nothing of the engine", () => {
  const sdk = (text: string) => layerProblems([{ path: "packages/worker/src/poll.ts", text }]);
  expect(sdk('import { a } from "@avtomatika/protocol";')).toEqual([]);
  expect(sdk('import { a } from "avtomatika";')).toEqual([
    "packages/worker/src/poll.ts: worker may not import avtomatika",
  ]);
  expect(sdk('import { a } from "avtomatika/internal/core/a";')).toHaveLength(1);
  expect(sdk('import { a } from "@avtomatika/client";')).toHaveLength(1);
});

test("no file is over 300 lines and the median file is at most 90", () => {
  expect(sizeProblems([lines(90), lines(300)].slice(0, 1)).problems).toEqual([]);
  expect(sizeProblems([lines(10), lines(90), lines(300)]).problems).toEqual([]);
  expect(sizeProblems([lines(10), lines(20), lines(301)]).problems).toEqual([
    "packages/a/src/301.ts: 301 lines, 300 are allowed; split it by subject",
  ]);
  expect(sizeProblems([lines(10), lines(91), lines(100)]).problems).toEqual([
    "the median file has 91 lines, 90 are allowed",
  ]);
  expect(sizeProblems([]).problems).toHaveLength(1);
});

test("file names say what the file holds", () => {
  expect(nameProblems(["packages/avtomatika/src/core/job.ts", "packages/avtomatika/src/storage/README.md"])).toEqual(
    [],
  );
  expect(
    nameProblems(["tests/e2e/utils.ts", "packages/a/src/types.ts", "packages/a/src/helpers.test.ts"]),
  ).toHaveLength(3);
  expect(nameProblems(["packages/a/src/JobView.ts", "packages/a/src/job_view.ts"])).toHaveLength(2);
});

test("the root folder stays small", () => {
  expect(rootProblems(Array.from({ length: 24 }, String))).toEqual([]);
  expect(rootProblems(Array.from({ length: 25 }, String))).toHaveLength(1);
});

test("silencing a checker needs a reason", () => {
  const silence = (text: string) => silencerProblems([{ path: "a.ts", text }]);
  expect(silence("// @ts-ignore: it is wrong")).toEqual(["a.ts:1: ts-ignore is not allowed"]);
  expect(silence("go(); // @ts-expect-error")).toHaveLength(1);
  expect(silence("go(); // @ts-expect-error a misspelled state")).toEqual([]);
  expect(silence("\n/* biome-ignore lint/suspicious/noExplicitAny */")).toEqual([
    "a.ts:2: biome-ignore needs a reason",
  ]);
  expect(silence("// biome-ignore lint/suspicious/noExplicitAny: the public type is open")).toEqual([]);
  expect(silence("// oxlint-disable-next-line typescript/no-floating-promises")).toHaveLength(1);
  expect(silence("// oxlint-disable-next-line typescript/no-floating-promises -- it never rejects")).toEqual([]);
});

test("what may not compile doesn't, for the reason that is given", () => {
  const path = "packages/a/test/a-types.test.ts";
  const text = 'use();\n  // @ts-expect-error: "fil" is no key\n  data.fil;\n';
  const cases = findCases({ path, text });
  expect(cases).toEqual([{ path, line: 3, words: ["fil"] }]);
  const error = (line: number, message: string) => ({ path, line, text: message });
  expect(judge(cases, [error(3, "TS2339: Property 'fil' does not exist")])).toEqual([]);
  expect(judge(cases, [])).toEqual([`${path}:3: this compiles`]);
  expect(judge(cases, [error(3, "TS2304: Cannot find name 'data'")])).toEqual([
    `${path}:3: the compiler doesn't name "fil", but says TS2304: Cannot find name 'data'`,
  ]);
  expect(judge(cases, [error(3, "TS2339: 'fil'"), error(1, "TS2304: 'use'")])).toEqual([`${path}:1: TS2304: 'use'`]);
  const vague = findCases({ path, text: text.replaceAll('"', "") });
  expect(judge(vague, [])).toEqual([`${path}:3: say in quotes what the compiler has to name`]);
  expect(countProblems(cases)).toEqual(["1 lines that may not compile, at least 30 are expected"]);
  expect(countProblems(Array.from({ length: 30 }, () => cases[0] as (typeof cases)[0]))).toEqual([]);
});
