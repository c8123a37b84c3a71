// `npm run test:faults` takes minutes; that its faults can still be planted is seen at once.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { faults } from "../faults/faults.ts";

const root = join(import.meta.dirname, "../..");

test("faults have names of their own", () => {
  expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
});

test.each(faults)("the fault $name can be planted, and its finders are there", (fault) => {
  for (const { file, find, replace } of fault.edits) {
    const text = readFileSync(join(root, "packages", fault.package, "src", file), "utf8");
    expect(text.split(find), `${file}: ${find}`).toHaveLength(2);
    expect(replace).not.toBe(find);
  }
  for (const finder of fault.finders) {
    if (finder.endsWith(".test.ts")) expect(existsSync(join(root, finder)), finder).toBe(true);
  }
});
