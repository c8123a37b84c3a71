import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Appends lines to a file; each is there before whoever writes it goes on, and outlives a SIGKILL. */
export class Ledger<Line> {
  readonly #path: string;

  /** `kind` and `name` make the file's name. */
  constructor(folder: string, kind: string, name: string) {
    this.#path = join(folder, `${kind}-${name}.jsonl`);
  }

  write(line: Line): void {
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}

/** All lines of a kind; one that a SIGKILL cut is left out. */
export function readLedgers<Line>(folder: string, kind: string): Line[] {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${kind}-`));
  return files.flatMap((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
    return whole.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
  });
}
