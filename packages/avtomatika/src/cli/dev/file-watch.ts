import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findModules, isModule } from "#cli/find-modules";
import { signatureOf } from "#config/signature-of";

/** An editor's save is several events; it counts once it is quiet for so long. */
const quietMs = 80;
/** Some file systems send no events: so often it is looked without one. */
const lookMs = 2000;

/**
 * Says when modules differ from what was loaded. Events are hints to look; what counts are the files themselves.
 * Watched are folders, since many editors put a new file in the place of the old one.
 */
export class FileWatch {
  readonly #paths: readonly string[];
  readonly #known = new Map<string, string>();
  readonly #folders = new Map<string, FSWatcher>();
  readonly #look = setInterval(() => this.#check(), lookMs);
  #listing = "";
  #pause: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  constructor(paths: readonly string[]) {
    this.#paths = paths;
    this.mark();
  }

  /** What is there now is known: a load begins, and what changes from here on comes too late for it. */
  mark(): void {
    for (const path of this.#known.keys()) this.#known.set(path, signatureOf(path));
    this.#listing = this.#list();
    this.#watchFolders();
  }

  /** The files that were loaded, and as what. */
  follow(files: Readonly<Record<string, string>>): void {
    for (const [path, signature] of Object.entries(files)) this.#known.set(path, signature);
    this.#watchFolders();
  }

  /** Resolves when something differs from what is known, and has come to rest. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#hint();
    });
  }

  close(): void {
    clearInterval(this.#look);
    clearTimeout(this.#pause);
    for (const watcher of this.#folders.values()) watcher.close();
  }

  #hint(): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.#check(), quietMs);
  }

  #check(): void {
    this.#watchFolders();
    const differs =
      this.#list() !== this.#listing || [...this.#known].some(([path, known]) => signatureOf(path) !== known);
    if (differs) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Which modules the named paths mean; also with one that is gone. */
  #list(): string {
    return JSON.stringify(this.#find().map(({ modules }) => modules));
  }

  #find(): ReturnType<typeof findModules> {
    try {
      return findModules(this.#paths);
    } catch {
      return [];
    }
  }

  /** A store in the same folder is written all the time. */
  #matters(path: string): boolean {
    return this.#known.has(path) || isModule(path) || !basename(path).includes(".");
  }

  #watchFolders(): void {
    const wanted = [
      ...[...this.#known.keys()].map((path) => dirname(path)),
      ...this.#find().flatMap((named) => named.folders),
    ];
    for (const folder of new Set(wanted)) {
      if (!this.#folders.has(folder)) this.#watchFolder(folder);
    }
  }

  #watchFolder(folder: string): void {
    const drop = () => {
      this.#folders.get(folder)?.close();
      this.#folders.delete(folder);
    };
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name === null || this.#matters(join(folder, name))) this.#hint();
      });
      watcher.on("error", drop);
      this.#folders.set(folder, watcher);
    } catch {
      // A folder that isn't there yet, or more watchers than the system allows: the regular look has to do.
    }
  }
}
