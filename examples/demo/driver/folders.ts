// The folder that is measured, and those of the run itself.
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repo = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");
/** The repo's own folder has some more that is no source. */
const leaveOut = { always: [".git", "node_modules"], inRepo: ["coverage", "dist", ".avtomatika"] };

export interface Subject {
  folder: string;
  /** Names of folders that are left out. */
  leaveOut: string[];
}

/** What the command line names; the repo by default. Throws if it isn't there. */
export function readSubject(argument: string | undefined): Subject {
  // npm changes to the repo's folder first: a relative path means where the user stands.
  const { INIT_CWD: userFolder = ".", npm_lifecycle_event: script } = process.env;
  const path = argument === undefined ? repo : resolve(script === "demo" ? userFolder : ".", argument);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`there is no folder ${path}`);
  const folder = realpathSync(path);
  return { folder, leaveOut: [...leaveOut.always, ...(folder === repo ? leaveOut.inRepo : [])] };
}

/** The folder of a run, and what stands in it. */
export class Folders {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "avtomatika-demo-")));
  /** What tasks leave for each other. */
  readonly work = join(this.root, "work");
  readonly output = join(this.root, "published");
  /** Where the job is told to publish at first: a folder that isn't there. */
  readonly misspelled = join(this.root, "publishd");
  /** What the store keeps. */
  readonly store = join(this.root, "store");
  readonly notes = join(this.root, "notes.jsonl");

  constructor() {
    for (const path of [this.work, this.output, this.store]) mkdirSync(path);
    appendFileSync(this.notes, "");
  }

  /** Leaves what was published, the notes and the logs. */
  tidy(): void {
    for (const path of [this.work, this.store]) rmSync(path, { recursive: true });
  }
}
