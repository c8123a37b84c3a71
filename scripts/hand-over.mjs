import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Runs a program in the place of this one: same terminal, signals passed on, same end.
 * Resolves with the exit code; a program that died of a signal gives 128 + its number.
 */
export function handOver(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", ...options });
    const stop = passSignals(child);
    child.once("error", (error) => {
      stop();
      reject(error);
    });
    child.once("exit", (code, signal) => {
      stop();
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

/** A terminal sends Ctrl-C to the child as well: passing it on would make two of one. */
function passSignals(child) {
  const interrupt = () => process.stdin.isTTY || child.kill("SIGINT");
  const terminate = () => child.kill("SIGTERM");
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  return () => {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", terminate);
  };
}
