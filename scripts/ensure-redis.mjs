// The Redis store's tests and the demo start servers of their own. Where none is installed and this is root on Debian,
// its package brings one that no service manager starts; anywhere else Valkey as WebAssembly takes its place.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The names under which tests and demo look for a server. */
const programs = ["redis-server", "valkey-server", "redis-check-rdb"];

export function ensureRedis() {
  if (programs.some(isInstalled) || !isInstalled("apt-get") || process.getuid?.() !== 0) return;
  console.error("installing a Redis server: apt-get install redis-tools");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (...args) => spawnSync("apt-get", args, { env, stdio: "ignore", timeout: 120_000 }).status === 0;
  if (run("update") && run("install", "-y", "--no-install-recommends", "redis-tools")) return;
  console.error("that failed: Valkey as WebAssembly takes its place");
}

function isInstalled(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}
