import { appendFileSync, closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

/** What a process knows for certain. It is written before the process acts on it, so that it outlives a SIGKILL. */
export type Fact =
  | { kind: "created"; key: string; jobId: string }
  | { kind: "cancelled"; jobId: string }
  | { kind: "decided"; jobId: string; nonce: string }
  | { kind: "ordered"; jobId: string }
  | { kind: "requeued"; jobId: string; nonce: string }
  | { kind: "discarded"; jobId: string }
  | { kind: "executed"; taskId: string; worker: string; nonce: string; fan: string }
  | { kind: "accepted"; taskId: string; worker: string; nonce: string; status: string }
  | { kind: "ran"; key: string; run: string; process: number }
  | { kind: "threw"; key: string; run: string }
  | { kind: "once"; key: string; value: string; process: number }
  | { kind: "saw"; what: string; count: number }
  | { kind: "wrong"; how: Wrong; text: string };

/** How a promise was broken. */
export type Wrong = "lost" | "doubled" | "orphan" | "other";

/** The append-only file of one process. */
export class Journal {
  readonly #path: string;

  constructor(folder: string, name: string) {
    this.#path = join(folder, `${name}.jsonl`);
  }

  write(fact: Fact): void {
    appendFileSync(this.#path, `${JSON.stringify(fact)}\n`);
  }
}

/** Reads what was added to the journals of a folder since the last time. */
export class JournalReader {
  readonly #folder: string;
  readonly #seen = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(): Fact[] {
    const names = readdirSync(this.#folder).filter((name) => name.endsWith(".jsonl"));
    return names.flatMap((name) => this.#readFile(name));
  }

  /** Whole lines only: the rest of one that is being written comes with the next reading. */
  #readFile(name: string): Fact[] {
    const from = this.#seen.get(name) ?? 0;
    const text = readFrom(join(this.#folder, name), from);
    const end = text.lastIndexOf(10) + 1;
    this.#seen.set(name, from + end);
    const lines = text.subarray(0, end).toString("utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Fact);
  }
}

function readFrom(path: string, position: number): Buffer {
  const file = openSync(path, "r");
  const parts: Buffer[] = [];
  try {
    for (let at = position; ; ) {
      const part = Buffer.alloc(1 << 18);
      const length = readSync(file, part, 0, part.length, at);
      if (length === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, length));
      at += length;
    }
  } finally {
    closeSync(file);
  }
}
