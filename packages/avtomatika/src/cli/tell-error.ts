import { inspect } from "node:util";
import { AvtomatikaError } from "#core/errors";

/** An error for the terminal: what is meant for the user needs no stack. */
export function tellError(error: unknown): string {
  const isOurs = error instanceof AvtomatikaError && error.code !== "internal_error";
  const isSystem = error instanceof Error && "syscall" in error;
  return isOurs || isSystem ? error.message : inspect(error);
}
