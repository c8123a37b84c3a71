// npm test: every test and every proof, with one closing line.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensure, root } from "./ensure.mjs";
import { ensureRedis } from "./ensure-redis.mjs";
import { handOver } from "./hand-over.mjs";
import { Tally } from "./tally.mjs";

/** Commands that prove more than a test can, run in this order after the tests. Each counts as one. */
const proofs = [
  "npm run test:simulate -- --seeds 1000",
  "npm run test:simulate -- --storage redis --seeds 100",
  "npm run test:kill -- --kills 15",
  "npm run test:kill -- --storage redis --kills 15",
  "npm run test:storm -- --kills 5 --workers 6",
  "npm run test:chaos -- --quick",
  "npm run test:hostile -- --requests 10000 --seed 1",
  "npm run test:hostile -- --storage redis --requests 5000 --seed 1",
];

await ensure();
ensureRedis();
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    interrupted = true;
  });
}
const tally = new Tally();
tally.add(await runVitest());
for (const proof of proofs) {
  if (interrupted) process.exit(130);
  tally.add(await runProof(proof));
}
tally.close();

/** A run that ends badly without a failed test (coverage, an unhandled error) counts as one failure more. */
async function runVitest() {
  const report = join(root, "node_modules", ".cache", "vitest-report.json");
  rmSync(report, { force: true });
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await handOver(process.execPath, [vitest, "run", "--coverage", ...reporters], { cwd: root });
  const counts = readCounts(report);
  if (code !== 0 && counts.failed === 0) {
    console.error(`vitest exited with ${code}, though no test failed`);
    counts.failed = 1;
  }
  return counts;
}

function readCounts(report) {
  try {
    const json = JSON.parse(readFileSync(report, "utf8"));
    return {
      passed: json.numPassedTests,
      failed: json.numFailedTests,
      skipped: json.numPendingTests + json.numTodoTests,
    };
  } catch (error) {
    console.error(`vitest left no readable report: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

async function runProof(command) {
  console.log(`\n> ${command}`);
  const code = await handOver(command, [], { cwd: root, shell: true });
  console.log(code === 0 ? `ok: ${command}` : `FAIL (exit code ${code}): ${command}`);
  return code === 0 ? { passed: 1 } : { failed: 1 };
}
