import { setImmediate } from "node:timers";
import { AvtomatikaError } from "#core/errors";
import { refuseUnknown } from "#core/refuse-unknown";
import { purge } from "#storage/rows/purge";
import { type Operation, RowStorage } from "#storage/rows/row-storage";
import { type Outcome, runGroup, type Waiting } from "#storage/sqlite/run-group";
import { Shrink } from "#storage/sqlite/shrink";
import { unavailable } from "#storage/sqlite/sqlite-fault";
import { openStoreFile, type StoreFile } from "#storage/sqlite/store-file";
import type { Reply } from "#storage/storage";

export interface SqliteStorageOptions {
  /** The store's clock, in milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
  /** `FULL` (default): every acknowledged commit survives a power loss. `NORMAL`: the last ones may not. */
  synchronous?: "FULL" | "NORMAL";
  /** For tests: called inside the transaction, right before it is committed. */
  beforeCommit?: () => void;
  /** For tests: how many tasks of closing joins one call takes back; 200 by default. Claims take back the rest. */
  closesAtOnce?: number;
}

/** The most calls of one commit: more would hold up the event loop. */
const groupSize = 256;

/** Keeps everything in one SQLite file, for one engine. Calls of one turn of the event loop share a commit. */
export class SqliteStorage extends RowStorage {
  readonly name = "sqlite";
  readonly shards = 1;
  readonly path: string;
  readonly #options: SqliteStorageOptions;
  readonly #full = new Set<string>();
  readonly #statistics = { calls: 0, commits: 0 };
  #file: StoreFile | null = null;
  #shrink: Shrink | null = null;
  #waiting: Waiting[] = [];
  #isScheduled = false;
  /** A rolled back group left the caches as they should not be, and they couldn't be read again yet. */
  #isStale = false;

  constructor(path: string, options: SqliteStorageOptions = {}) {
    super();
    refuseUnknown("SqliteStorage", options, ["clock", "synchronous", "beforeCommit", "closesAtOnce"]);
    this.path = path;
    this.#options = options;
  }

  /** Rejects with `store_in_use`, `store_format`, or `store_unavailable` where the file can't be opened. */
  async open(): Promise<void> {
    const file = openStoreFile(this.path, this.#options.synchronous ?? "FULL", this.#clock());
    this.#file = file;
    this.#shrink = new Shrink(file.db);
  }

  async close(): Promise<void> {
    while (this.#waiting.length > 0) this.#runNext();
    const file = this.#file;
    this.#file = null;
    file?.close();
  }

  /** Calls made so far, and the commits that wrote something. */
  statistics(): { calls: number; commits: number } {
    return { ...this.#statistics };
  }

  protected run<Input, Output>(
    _shard: number,
    operation: Operation<Input, Output>,
    input: Input,
  ): Promise<Reply<Output>> {
    if (this.#file === null) {
      return Promise.reject(new AvtomatikaError("store_unavailable", `the store ${this.path} is not open`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, input, resolve, reject } as unknown as Waiting);
      this.#schedule();
    });
  }

  #clock(): number {
    return (this.#options.clock ?? Date.now)();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // One turn more lets requests that have just arrived travel in the same commit.
    setImmediate(() =>
      setImmediate(() => {
        this.#isScheduled = false;
        this.#runNext();
        if (this.#waiting.length > 0) this.#schedule();
      }),
    );
  }

  #runNext(): void {
    const calls = this.#waiting.splice(0, groupSize);
    if (calls.length === 0) return;
    this.#statistics.calls += calls.length;
    const outcomes = this.#commit(this.#file as StoreFile, calls);
    for (const [at, outcome] of outcomes.entries()) {
      const call = calls[at] as Waiting;
      if ("error" in outcome) call.reject(outcome.error);
      else call.resolve(outcome.reply);
    }
    for (const outcome of outcomes) if ("bells" in outcome) this.ring(outcome.bells);
  }

  /** What became of each call: all that a failed commit leaves is that nobody knows. */
  #commit(file: StoreFile, calls: Waiting[]): Outcome[] {
    try {
      const fault = this.#isStale ? this.#reload(file) : undefined;
      if (fault !== undefined) throw fault;
      const { beforeCommit, closesAtOnce } = this.#options;
      const around = { clock: () => this.#clock(), full: this.#full, beforeCommit, closesAtOnce };
      const outcomes = runGroup(file, calls, around);
      if (file.db.wrote) this.#statistics.commits += 1;
      if (calls.some(({ operation }) => (operation as unknown) === purge)) this.#shrink?.step();
      return outcomes;
    } catch (error) {
      this.#isStale = true;
      this.#reload(file);
      return calls.map(() => ({ error: unavailable(file.path, error) }));
    }
  }

  /** Ends what a failed group left open and reads the caches again; while the file can't be read, later calls try. */
  #reload(file: StoreFile): unknown {
    try {
      file.db.rollback();
      file.load(this.#clock());
      this.#isStale = false;
      return undefined;
    } catch (error) {
      return error;
    }
  }
}
