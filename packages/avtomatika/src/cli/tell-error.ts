import { inspect } from "node:util";
import { AvtomatikaError } from "#core/errors";

/** What to do about an address that can't be listened at, by the system's code. */
const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE:
    "another program has the port, perhaps another engine. Stop it, or choose another port with --port or API_PORT (0: a free one)",
  EACCES: "this user may not have the port. Choose one above 1023 with --port or API_PORT",
  EADDRNOTAVAIL: "that is no address of this machine. Name one that is with --host or API_HOST (0.0.0.0: all of them)",
};

interface ListenError extends NodeJS.ErrnoException {
  address: string;
  port: number;
}

/** An error for the terminal: what is meant for the user needs no stack. */
export function tellError(error: unknown): string {
  const isOurs = error instanceof AvtomatikaError && error.code !== "internal_error";
  if (isListenError(error)) return tellListenError(error);
  const isSystem = error instanceof Error && "syscall" in error;
  return isOurs || isSystem ? error.message : inspect(error);
}

function isListenError(error: unknown): error is ListenError {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall === "listen" && "port" in error;
}

function tellListenError({ code = "", address, port, message }: ListenError): string {
  const host = address.includes(":") ? `[${address}]` : address;
  const remedy = remedies[code];
  return remedy === undefined ? message : `can't listen at ${host}:${port}: ${remedy} (${code})`;
}
