import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Folder } from "./program.ts";

const folder = new Folder();
const commands = ["start", "dev", "validate", "graph", "backup"];
const reference = readFileSync(new URL("../../../docs/reference/command-line.md", import.meta.url), "utf8");

test("the help names every command, and no inner one", async () => {
  const { code, stdout, stderr } = await folder.run(["--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  const told = [...stdout.matchAll(/^ {2}(\w\S*) .*[<[]/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== "avtomatika");
  expect(told).toEqual(commands);
});

test.each(commands)("%s --help has an example, and the reference has each of its options", async (command) => {
  const { code, stdout, stderr } = await folder.run([command, "--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(new RegExp(`^ {2}avtomatika ${command} `, "m"));
  const section = reference.split(/^## /m).find((part) => part.startsWith(`\`avtomatika ${command} `)) ?? "";
  const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--\w+)/gm)].map(([, option = ""]) => option);
  expect(options.filter((option) => option !== "--help" && !section.includes(`\`${option}`))).toEqual([]);
});

test.each([
  [["strat", "flow.ts"], "unknown command 'strat'", "Did you mean start?"],
  [["valid"], "unknown command 'valid'", "avtomatika --help tells more"],
  [["dev", "--storgae", "memory", "flow.ts"], "unknown option '--storgae'", "Did you mean --storage?"],
  [["start", "--prot", "1", "flow.ts"], "unknown option '--prot'", "avtomatika start --help tells more"],
  [["backup", "a.db", "--storag", "x"], "unknown option '--storag'", "Did you mean --storage?"],
  [["dev", "flow.ts", "--port", "http"], "'http' is invalid", "Expected a whole number from 0 to 65535."],
  [["dev-engine", "flow.ts"], "dev-engine is started by avtomatika dev", ""],
])("a slip is told with what was meant: %j", async (args, message, hint) => {
  const { code, stdout, stderr } = await folder.run(args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
});
