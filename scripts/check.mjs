// npm run check: everything that can be judged without running the code, each as a named step.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensure, root } from "./ensure.mjs";
import { Tally } from "./tally.mjs";

const bin = (name) => join(root, "node_modules", ".bin", name);
const rule = (name) => [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  join(root, "scripts", "check", `${name}.ts`),
];

await ensure();
const steps = {
  layers: rule("layers"),
  size: rule("size"),
  names: rule("names"),
  "format and lint": [bin("biome"), "ci", "--error-on-warnings", "--colors=off", "."],
  promises: [bin("oxlint"), "--type-aware", "--deny-warnings", "--tsconfig=tsconfig.json", "."],
  types: [bin("tsc"), "--pretty", "false"],
  "type tests": rule("type-tests"),
  "dead code": [bin("knip"), "--no-progress", "--no-config-hints", "--preprocessor=./scripts/check/knip-doors.ts"],
};

/** Steps whose numbers are worth reading. */
const counts = ["size", "type tests"];

const tally = new Tally();
const waiting = Object.entries(steps);
// Two at a time: more would only wait for each other on a small machine.
await Promise.all([work(), work()]);
tally.close();

async function work() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await runStep(...step);
}

async function runStep(name, [command, ...args]) {
  const began = performance.now();
  const { code, output } = await run(command, args);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  tally.add(code === 0 ? { passed: 1 } : { failed: 1 });
  const isTold = code !== 0 || counts.includes(name);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)${isTold ? indent(output) : ""}`);
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
      });
    }
    child.once("error", (error) => resolve({ code: 1, output: error.message }));
    child.once("close", (code) => resolve({ code, output }));
  });
}

function indent(text) {
  const trimmed = text.trim();
  return trimmed === "" ? "" : `\n${trimmed.replace(/^/gm, "     ")}`;
}
