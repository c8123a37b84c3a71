import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { signatureOf } from "#config/signature-of";

/** A file that was written counts once it is at rest for so long. */
const quietMs = 100;
/** Some file systems send no events: so often it is looked without one. */
const lookMs = 2000;

/**
 * Says when a file is another than it was. Watched is its folder: editors put a new file in the place of the old one,
 * and Kubernetes a new folder in the place of a link beside it. Events are hints to look; what counts is the file.
 */
export class FileWatch {
  readonly #path: string;
  readonly #onChange: () => void;
  readonly #interval: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #pause: NodeJS.Timeout | undefined;
  #known: string;
  /** What it was when it was last looked at, as long as it may still be written. */
  #latest: string | null = null;

  /** `known` is the signature of what was read. */
  constructor(path: string, known: string, onChange: () => void) {
    this.#path = path;
    this.#known = known;
    this.#onChange = onChange;
    this.#interval = setInterval(() => this.#look(), lookMs);
    try {
      this.#watcher = watch(dirname(path), () => this.#lookSoon());
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // More watchers than the system allows: the regular look has to do.
    }
    this.#look();
  }

  /** What was read by somebody else in the meantime. */
  mark(known: string): void {
    this.#known = known;
  }

  close(): void {
    clearInterval(this.#interval);
    clearTimeout(this.#pause);
    this.#watcher?.close();
  }

  #lookSoon(): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.#look(), quietMs);
  }

  #look(): void {
    const now = signatureOf(this.#path);
    if (now === this.#known) {
      this.#latest = null;
    } else if (now !== this.#latest) {
      this.#latest = now;
      this.#lookSoon();
    } else {
      this.#latest = null;
      this.#onChange();
    }
  }
}
