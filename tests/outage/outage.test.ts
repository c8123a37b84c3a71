// The proof of an outage in short: `npm run test:outage` is the long one.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { nativeServer } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";

const program = fileURLToPath(new URL("./main.ts", import.meta.url));

test.skipIf(nativeServer === null)(
  "a Redis that is stopped for some seconds under load: nothing is lost or done again",
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, "--seconds", "6", "--how", "stopped"]);
    const counts =
      /jobs (\d+), executions (\d+), .* results refused 0, polls refused 0, lost 0, doubled 0, done again 0, orphans 0\n$/;
    expect(stdout).toMatch(counts);
    expect(Number(counts.exec(stdout)?.[1])).toBeGreaterThan(10);
  },
  180_000,
);
