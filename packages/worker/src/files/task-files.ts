import { mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { basename, isAbsolute, join, resolve, sep } from "node:path";
import { fetchFolder } from "#files/fetch-folder";
import { findOutputs, type Output } from "#files/find-outputs";
import { addressText, isAddress, isPrefix, type ObjectAddress, readAddress } from "#files/object-address";
import type { ObjectStore } from "#files/object-store";
import { findStrings, replaceStrings } from "#files/strings";
import { together } from "#files/together";
import { InvalidInputError } from "#task/errors";
import type { ReceivedTask } from "#task/received-task";

export interface TaskFilesOptions {
  /** The folder of all tasks' folders. */
  root: string;
  /** Where files come from and go to; null: nothing is moved. */
  store: ObjectStore | null;
  bucket: string;
  task: Pick<ReceivedTask, "taskId" | "jobId" | "attempt">;
}

const mostNameBytes = 255;

/** The folder of one attempt of a task, and what moves between it and the store. It is made when it is first needed. */
export class TaskFiles {
  readonly #options: TaskFilesOptions;
  #dir: string | null = null;
  #isOver = false;
  /** Names in the folder that are given away, as a file system sees them that doesn't tell cases apart. */
  readonly #names = new Set<string>();
  /** What was fetched to where, and how to tell that it is still the same. */
  readonly #fetched = new Map<string, { address: string; mark: string }>();

  constructor(options: TaskFilesOptions) {
    this.#options = options;
  }

  /** The folder's path, without links in it. Throws when the task is over, or the folder can't be made. */
  get dir(): string {
    if (this.#dir !== null) return this.#dir;
    const { root, task } = this.#options;
    if (this.#isOver) throw new Error("the task is over: it has no folder any more");
    mkdirSync(root, { recursive: true });
    // Nobody else's, even if the same attempt is made twice on this machine; what stands in it is for this user alone.
    this.#dir = realpathSync(mkdtempSync(join(root, `${task.taskId}-${task.attempt}-`)));
    return this.#dir;
  }

  /**
   * The params with a path in the place of each `s3://` address, once everything is there. Throws `InvalidInputError`
   * for what is no address or isn't there, `PermanentError` for what is refused, `TransientError` if the store is away.
   */
  async bring(params: unknown, signal: AbortSignal): Promise<unknown> {
    const { store } = this.#options;
    if (store === null) return params;
    const found = findStrings(params, "params", isAddress);
    if (found.size === 0) return params;
    const wanted = [...found].map(([text, at]) => {
      const address = readAddress(text, at);
      return { text, at, address, path: this.#placeFor(address, at) };
    });
    await together(wanted, signal, async ({ text, at, address, path }, any) => {
      if (isPrefix(address)) return fetchFolder(store, address, path, at, any);
      await store.download(address, path, at, any);
      this.#fetched.set(path, { address: text, mark: await markOf(path) });
    });
    return replaceStrings(params, new Map(wanted.map(({ text, path }) => [text, path])));
  }

  /**
   * The result, as JSON text, with an `s3://` address in the place of each path in its data that leads into the folder,
   * once everything is stored. Throws `PermanentError` for what isn't there, leads out of the folder, or is refused,
   * `TransientError` if the store is away.
   */
  async send(result: string, signal: AbortSignal): Promise<string> {
    const { store } = this.#options;
    const dir = this.#dir;
    if (store === null || dir === null || !result.includes(basename(dir))) return result;
    const whole = JSON.parse(result) as { data?: unknown };
    const found = findStrings(whole.data, "result.data", (text) => isInside(text, dir));
    if (found.size === 0) return result;
    const outputs = new Map<string, Output & { at: string }>();
    const addresses = new Map<string, string>();
    for (const [text, at] of found) {
      const path = resolve(text);
      const fetched = this.#fetched.get(path);
      if (fetched !== undefined && (await markOf(path)) === fetched.mark) {
        addresses.set(text, fetched.address);
        continue;
      }
      const { name, files } = await findOutputs(path, dir, at);
      addresses.set(text, addressText(this.#addressOf(name)));
      for (const file of files) outputs.set(file.name, { ...file, at });
    }
    await together(outputs.values(), signal, ({ name, path, at }, any) => {
      const address = this.#addressOf(name);
      return path === null ? store.mark(address, at, any) : store.upload(path, address, at, any);
    });
    return JSON.stringify({ ...whole, data: replaceStrings(whole.data, addresses) });
  }

  /** Removes the folder, whatever is in it. */
  async remove(): Promise<void> {
    this.#isOver = true;
    if (this.#dir !== null) await rm(this.#dir, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Below the job and this attempt's folder, whose name is nobody else's: no upload ever overwrites another. */
  #addressOf(name: string): ObjectAddress {
    const { bucket, task } = this.#options;
    return { bucket, key: `${task.jobId}/${basename(this.dir)}/${name}` };
  }

  /** A free path in the folder, called like the object. */
  #placeFor({ bucket, key }: ObjectAddress, at: string): string {
    const name = key.split("/").findLast((part) => part !== "") ?? bucket;
    for (let n = 1; ; n++) {
      const free = n === 1 ? name : `${n}-${name}`;
      const path = resolve(this.dir, free);
      if (Buffer.byteLength(free) > mostNameBytes || path !== `${this.dir}${sep}${free}`) {
        throw new InvalidInputError(`${at}: no file can be called ${JSON.stringify(name.slice(0, 300))}`);
      }
      if (this.#names.has(free.toLowerCase())) continue;
      this.#names.add(free.toLowerCase());
      return path;
    }
  }
}

function isInside(text: string, dir: string): boolean {
  if (!isAbsolute(text) || text.includes("\0")) return false;
  const path = resolve(text);
  return path === dir || path.startsWith(dir + sep);
}

/** Changes with whatever is done to the file; empty if it is gone. */
async function markOf(path: string): Promise<string> {
  const info = await stat(path, { bigint: true }).catch(() => null);
  return info === null ? "" : `${info.ino} ${info.ctimeNs} ${info.size}`;
}
