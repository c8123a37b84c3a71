import { expect, test } from "vitest";
import { Folder, flow } from "./program.ts";

const folder = new Folder();
folder.write("README.md", "# Flows");

test("each blueprint's name, states and warnings; no store, no server; what modules print is not in the answer", async () => {
  folder.write(
    "two.ts",
    `import { StateMachineBlueprint } from "avtomatika";
console.log("noise"); setInterval(() => {}, 1e6);
const choose = (data) => data.next;
export const a = new StateMachineBlueprint({ name: "first", apiEndpoint: "/jobs/first", apiVersion: "v2" });
a.handlerFor("begin", { isStart: true }, ({ initialData, actions }) => actions.transitionTo(choose(initialData)));
a.handlerFor("middle", ({ actions }) => actions.transitionTo("error"));
a.handlerFor("error", { isEnd: true }, () => {});
export const b = new StateMachineBlueprint({ name: "second" });
b.handlerFor("all", { isStart: true, isEnd: true }, () => {});
`,
  );
  const { code, stdout, stderr } = await folder.run(["validate", "two.ts"]);
  expect(code).toBe(0);
  expect(stderr).toBe("noise\n");
  const [first, endpoint, states, ...rest] = stdout.trim().split("\n");
  expect([first, endpoint, states]).toEqual([
    'two.ts:4: blueprint "first" is valid',
    "  endpoint: /v2/jobs/first",
    "  states: begin (start), middle, error (end, failure)",
  ]);
  expect(rest.splice(0, 2).map((line) => line.replace(/ may be unreachable: .*"begin".*/, " …"))).toEqual([
    '  warning: state "middle" …',
    '  warning: state "error" …',
  ]);
  expect(rest).toEqual(['two.ts:8: blueprint "second" is valid', "  endpoint: none", "  states: all (start, end)"]);
  expect(folder.has(".avtomatika")).toBe(false);
});

test("every problem of every module is listed, and the good ones are told too", async () => {
  folder.write("all/good.ts", flow("good"));
  folder.write("all/bad.ts", flow("bad").replace('"end"', '"edn"').replace("isStart", "isStrat"));
  folder.write("all/same.ts", flow("taken").replace("/taken", "/good"));
  folder.write("all/syntax.ts", "\nexport const a: = 1;");
  folder.write("all/throws.ts", '\nthrow new Error("at the top");');
  folder.write("twin.ts", flow("good").replace("/good", "/twin"));
  const { code, stdout, stderr } = await folder.run(["validate", "all", "twin.ts"]);
  expect(code).toBe(1);
  expect(stdout).toContain('all/good.ts:2: blueprint "good" is valid');
  expect(stdout).not.toContain('"bad"');
  expect(stderr).toMatch(/all\/bad\.ts:2: blueprint "bad" has \d problems:\n- /);
  expect(stderr).toContain('unknown option "isStrat", did you mean "isStart"?');
  expect(stderr).toContain("collides with");
  expect(stderr).toMatch(/syntax\.ts:2: /);
  expect(stderr).toMatch(/at the top[\s\S]*throws\.ts:2:7/);
  expect(stderr).toContain('two blueprints are named "good", in all/good.ts and twin.ts');
});

test.each([
  [["missing.ts"], "there is no file or folder missing.ts"],
  [["package.json"], "package.json"],
  [["README.md"], "README.md: expected a TypeScript or JavaScript file (.ts, .mts, .js, .mjs)"],
  [[], "missing required argument"],
])("validate %j is refused", async (args, message) => {
  const { code, stdout, stderr } = await folder.run(["validate", ...args]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(message);
});
