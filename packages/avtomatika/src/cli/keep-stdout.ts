import { Console } from "node:console";

/** Stdout belongs to the command's answer: what modules print goes to stderr from here on. */
export function keepStdout(): NodeJS.WriteStream {
  globalThis.console = new Console(process.stderr, process.stderr);
  return process.stdout;
}
