// A start that has to wait for its store, in a process that has nothing else to do.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

const program = `
  import { loadConfig, MemoryStorage, OrchestratorEngine } from "avtomatika";
  import { AvtomatikaError } from "avtomatika/internal/core/errors";

  let refusals = 3;
  class Away extends MemoryStorage {
    claimJobs(input) {
      if (refusals-- > 0) return Promise.reject(new AvtomatikaError("store_unavailable", "away"));
      return super.claimJobs(input);
    }
  }
  const config = loadConfig({ apiHost: "127.0.0.1", apiPort: 0, clientToken: "client", logLevel: "silent" });
  const engine = new OrchestratorEngine({ config, storage: new Away() });
  await engine.start();
  console.log("started");
  await engine.stop();
`;

test("the process stays alive until its store answers", async () => {
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  const { stdout } = await run(process.execPath, args, { cwd: fileURLToPath(new URL("./", import.meta.url)) });
  expect(stdout).toBe("started\n");
});
