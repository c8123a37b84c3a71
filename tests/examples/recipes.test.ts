// Every recipe of examples/ is a program that checks its own result and says "ok: …" at the end.
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const run = promisify(execFile);
const recipes = readdirSync(examples).filter((name) => name !== "demo" && existsSync(join(examples, name, "main.ts")));

test("there is a recipe for each thing that the readme names", () => {
  expect(recipes).toEqual(
    expect.arrayContaining([
      "child-blueprint",
      "conditional-transitions",
      "data-store",
      "delegating-tasks",
      "fan-out",
      "files-in-s3",
      "human-approval",
      "quick-start",
      "retries",
      "timer",
    ]),
  );
});

test.each(recipes)("%s", async (name) => {
  const { stdout } = await run(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    join(examples, name, "main.ts"),
  ]);
  expect(stdout.trim().split("\n").at(-1)).toMatch(/^ok: /);
});
