import type { MetaRows } from "#storage/rows/rows";
import type { Database } from "#storage/sqlite/database";

interface MetaRow {
  sequence: number;
  lane: number;
  worker: number;
  last_call: number | null;
  clock: number;
}

/** Counters and the clock's mark: held in memory, written once per commit. */
export class SqliteMeta implements MetaRows {
  readonly #db: Database;
  readonly #read: () => MetaRow | undefined;
  readonly #write: (sequence: number, lane: number, worker: number, lastCall: number | null, clock: number) => void;
  #row: MetaRow = { sequence: 0, lane: 0, worker: 0, last_call: null, clock: 0 };
  #isDirty = false;
  #mark = 0;

  constructor(db: Database) {
    this.#db = db;
    this.#read = db.row<MetaRow>("SELECT sequence, lane, worker, last_call, clock FROM meta");
    this.#write = db.write("UPDATE meta SET sequence = ?, lane = ?, worker = ?, last_call = ?, clock = ?");
  }

  load(): void {
    this.#row = { ...(this.#read() as MetaRow) };
    this.#isDirty = false;
    this.#mark = Math.max(this.#mark, this.#row.clock);
  }
  flush(): void {
    if (!this.#isDirty && !(this.#db.wrote && this.#mark > this.#row.clock)) return;
    this.#row.clock = this.#mark;
    this.#write(this.#row.sequence, this.#row.lane, this.#row.worker, this.#row.last_call, this.#row.clock);
    this.#isDirty = false;
  }

  /** The clock's time, never earlier than one that was told before, also by a former process. */
  tick(time: number): number {
    if (time > this.#mark) this.#mark = time;
    return this.#mark;
  }
  /** The mark of a commit that wrote nothing is left to the next one, or to the end. */
  keepMark(): void {
    this.#isDirty = this.#mark > this.#row.clock;
  }
  laneVersion(): number {
    return this.#row.lane;
  }

  next(counter: "sequence" | "lane" | "worker"): number {
    this.#isDirty = true;
    this.#row[counter] += 1;
    return this.#row[counter];
  }
  lastCall(): number | null {
    return this.#row.last_call;
  }
  setLastCall(now: number): void {
    this.#isDirty = true;
    this.#row.last_call = now;
  }
}
