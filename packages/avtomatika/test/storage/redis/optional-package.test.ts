import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const repo = fileURLToPath(new URL("../../../../../", import.meta.url));
/** A machine on which @redis/client isn't installed; what is asked for is printed. */
const without = `import { registerHooks } from "node:module";
registerHooks({
  resolve(name, context, next) {
    if (name === "msgpackr" || name === "@redis/client") console.log("asked for " + name);
    if (name !== "@redis/client") return next(name, context);
    throw Object.assign(new Error("Cannot find package '@redis/client'"), { code: "ERR_MODULE_NOT_FOUND" });
  },
});
`;

function run(program: string): string {
  const options = { cwd: repo, encoding: "utf8" as const, stdio: ["ignore", "pipe", "inherit"] as "pipe"[] };
  return execFileSync(process.execPath, ["--input-type=module", "-e", without + program], options);
}

test("the store without its package says what to install", () => {
  const told = run(`const { RedisStorage } = await import("avtomatika/redis");
await new RedisStorage("redis://127.0.0.1:1").open().catch(({ code, message }) => console.log(code, message));`);
  expect(told).toContain("invalid_config the Redis store needs the package @redis/client: npm install @redis/client");
});

test("an engine on another store loads nothing of it", () => {
  const told = run(`const { OrchestratorEngine, MemoryStorage, loadConfig } = await import("avtomatika");
const config = loadConfig({ apiHost: "127.0.0.1", apiPort: 0, logLevel: "silent" });
const engine = new OrchestratorEngine({ storage: new MemoryStorage(), config });
await engine.start();
await engine.stop();
console.log("stopped");`);
  expect(told).toBe("stopped\n");
});
