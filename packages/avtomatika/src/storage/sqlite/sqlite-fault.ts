import { AvtomatikaError } from "#core/errors";

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html). */
const busy = 5;
const constraint = 19;
const mismatch = 20;
const misuse = 21;
const generic = 1;
const notADatabase = 26;

function codeOf(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : null;
}

export function isBusy(error: unknown): boolean {
  return codeOf(error) === busy;
}

/** True if the disk or the file failed (full, I/O, corrupt …), rather than one call. */
export function isStoreFault(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && ![generic, constraint, mismatch, misuse].includes(code);
}

/** What every call of a group hears when its commit fails. */
export function unavailable(path: string, error: unknown): AvtomatikaError {
  const text = error instanceof Error ? error.message : String(error);
  return new AvtomatikaError("store_unavailable", `the store ${path} can't be written: ${text}`, { cause: error });
}

/** Why a file couldn't be opened, with its path and a remedy. */
export function openFault(path: string, error: unknown): unknown {
  if (error instanceof AvtomatikaError) return error;
  if (codeOf(error) === notADatabase) {
    const remedy = "Name another path for the store, or move that file away.";
    return new AvtomatikaError("store_format", `${path} is not a SQLite file. ${remedy}`, { cause: error });
  }
  const text = error instanceof Error ? error.message : String(error);
  const remedy = "The folder must exist or be creatable, and folder and file must be writable for this process.";
  return new AvtomatikaError("store_unavailable", `can't open the store ${path}: ${text}. ${remedy}`, { cause: error });
}
