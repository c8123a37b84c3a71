import { expect, test } from "vitest";
import { Folder, flow } from "./program.ts";

const folder = new Folder();

test("DOT by default, SVG when asked for or by the file's ending; nothing else on stdout", async () => {
  folder.write("flow.ts", `console.log("noise"); setInterval(() => {}, 1e6);\n${flow("drawn")}`);
  const [dot, svg, file, overruled] = await Promise.all([
    folder.run(["graph", "flow.ts"]),
    folder.run(["graph", "flow.ts", "--format", "svg"]),
    folder.run(["graph", "flow.ts", "--output", "drawn.svg"]),
    folder.run(["graph", "flow.ts", "--output", "odd.svg", "--format", "dot"]),
  ]);
  expect([dot, svg, file, overruled].map(({ code, stderr }) => [code, stderr])).toEqual(
    [dot, svg, file, overruled].map(() => [0, "noise\n"]),
  );
  expect(dot.stdout).toMatch(/^digraph "drawn" \{\n[\s\S]*"start" -> "end";\n\}\n$/);
  expect(svg.stdout).toMatch(/^<\?xml[\s\S]*<svg [\s\S]*<\/svg>\s*$/);
  expect([file.stdout, overruled.stdout]).toEqual(["", ""]);
  expect(folder.read("drawn.svg")).toBe(svg.stdout);
  expect(folder.read("odd.svg")).toBe(dot.stdout);
});

test("of several blueprints one is named; one that isn't valid yet can be drawn", async () => {
  folder.write("some/a.ts", flow("videos"));
  folder.write("some/b.ts", flow("sounds").replace('To("end")', 'To("edn")'));
  const [chosen, none, near, far] = await Promise.all([
    folder.run(["graph", "some", "--blueprint", "sounds"]),
    folder.run(["graph", "some"]),
    folder.run(["graph", "some", "--blueprint", "vidoes"]),
    folder.run(["graph", "some", "--blueprint", "pictures"]),
  ]);
  expect(chosen.stdout).toContain('"start" -> "edn"');
  expect([none, near, far].map(({ code, stdout }) => [code, stdout])).toEqual([1, 2, 3].map(() => [1, ""]));
  expect(none.stderr).toBe('avtomatika: some has 2 blueprints, "videos", "sounds": choose one with --blueprint\n');
  expect(near.stderr).toBe(
    'avtomatika: some has no blueprint "vidoes", did you mean "videos"? it has "videos", "sounds"\n',
  );
  expect(far.stderr).toBe('avtomatika: some has no blueprint "pictures"; it has "videos", "sounds"\n');
});

test.each([
  [["flow.ts", "--format", "png"], "Allowed choices are dot, svg"],
  [["flow.ts", "--outptu", "x"], "Did you mean --output?"],
  [["flow.ts", "--output", "no/such/folder.dot"], "no such file or directory, open 'no/such/folder.dot'"],
  [["none.ts"], "there is no file or folder none.ts"],
])("graph %j is refused", async (args, message) => {
  folder.write("flow.ts", flow("drawn"));
  const { code, stdout, stderr } = await folder.run(["graph", ...args]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/^ {4}at /m);
});
