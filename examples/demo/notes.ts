// What the workers note: a line when a task begins, and one when it ends.
import { appendFileSync, readFileSync } from "node:fs";

export interface Note {
  worker: string;
  job: string;
  type: string;
  part: number | null;
  attempt: number;
  /** `began`, then the result's status or the error's code. */
  event: string;
}

/** One write of a short line to the end of a file is whole, whoever else writes. */
export function note(file: string, line: Note): void {
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

export function readNotes(file: string): Note[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Note);
}
