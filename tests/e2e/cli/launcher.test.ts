// The launcher hands over to a newer Node: what happens to one of the two happens to both.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const repo = join(import.meta.dirname, "../../..");
const bin = join(repo, "packages/avtomatika/bin/avtomatika.js");

test("an engine that was handed over ends when its launcher is killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "avtomatika-launcher-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const flow = join(folder, "flow.mjs");
  writeFileSync(
    flow,
    `import { StateMachineBlueprint } from ${JSON.stringify(join(repo, "packages/avtomatika/src/index.ts"))};
export const flow = new StateMachineBlueprint({ name: "flow", apiVersion: "v1", apiEndpoint: "/flow" });
flow.handlerFor("start", { isStart: true, isEnd: true }, () => {});
`,
  );
  const options = ["--host", "127.0.0.1", "--port", "0", "--storage", "memory"];
  const engine = spawn(process.execPath, [bin, "start", flow, ...options], {
    stdio: ["ignore", "pipe", "ignore", "ipc"],
    env: { ...process.env, AVTOMATIKA_HANDED_OVER: "1" },
  });
  onTestFinished(() => void engine.kill("SIGKILL"));
  const [line] = await once(engine.stdout as NodeJS.ReadableStream, "data");
  expect(String(line)).toContain("http://127.0.0.1:");
  // What the system does to the channel of a launcher that is killed.
  engine.disconnect();
  const [code, signal] = await once(engine, "exit");
  expect([code, signal]).toEqual([null, "SIGKILL"]);
});
