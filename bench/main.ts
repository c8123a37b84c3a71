// npm run bench -- NAME [options]: measures, prints a table and a closing line. Fails only if nothing happened.
import { calls } from "./measure/calls.ts";
import { engines } from "./measure/engines.ts";
import { fanout } from "./measure/fanout.ts";
import { first } from "./measure/first.ts";
import { growth } from "./measure/growth.ts";
import { idle } from "./measure/idle.ts";
import { redis } from "./measure/redis.ts";
import { retention } from "./measure/retention.ts";
import { startup } from "./measure/startup.ts";
import { killAll } from "./support/child.ts";

const measurements: Record<string, (options: string[]) => Promise<void>> = {
  calls,
  engines,
  fanout,
  first,
  growth,
  idle,
  redis,
  retention,
  startup,
};

// What the measurement started ends with it, and its folders go.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

const [name = "", ...options] = process.argv.slice(2);
const measure = measurements[name];
if (measure === undefined) {
  console.error(`bench: expected one of ${Object.keys(measurements).join(", ")}, got "${name}"`);
  process.exitCode = 2;
} else {
  await run(measure);
}

async function run(measurement: (options: string[]) => Promise<void>): Promise<void> {
  const begun = performance.now();
  try {
    await measurement(options);
    console.log(`${name}: done in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  } catch (error) {
    console.error(error);
    console.log(`${name}: failed`);
    process.exitCode = 1;
  } finally {
    killAll();
  }
}
