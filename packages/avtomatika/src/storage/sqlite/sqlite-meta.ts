import type { Outage } from "#core/judge-due";
import type { MetaRows } from "#storage/rows/rows";
import type { Database } from "#storage/sqlite/database";

interface MetaRow {
  sequence: number;
  lane: number;
  worker: number;
  last_call: number | null;
  clock: number;
  outages: string;
}

/** Counters and the clock's mark: held in memory, written once per commit. */
export class SqliteMeta implements MetaRows {
  readonly #db: Database;
  readonly #read: () => MetaRow | undefined;
  readonly #write: (...row: [number, number, number, lastCall: number | null, clock: number, outages: string]) => void;
  #row: MetaRow = { sequence: 0, lane: 0, worker: 0, last_call: null, clock: 0, outages: "[]" };
  #isDirty = false;
  #mark = 0;

  constructor(db: Database) {
    this.#db = db;
    this.#read = db.row<MetaRow>("SELECT sequence, lane, worker, last_call, clock, outages FROM meta");
    this.#write = db.write("UPDATE meta SET sequence = ?, lane = ?, worker = ?, last_call = ?, clock = ?, outages = ?");
  }

  load(): void {
    this.#row = { ...(this.#read() as MetaRow) };
    this.#isDirty = false;
    this.#mark = Math.max(this.#mark, this.#row.clock);
  }
  flush(): void {
    if (!this.#isDirty && !(this.#db.wrote && this.#mark > this.#row.clock)) return;
    this.#row.clock = this.#mark;
    const { sequence, lane, worker, last_call, clock, outages } = this.#row;
    this.#write(sequence, lane, worker, last_call, clock, outages);
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
  outages(): Outage[] {
    return JSON.parse(this.#row.outages) as Outage[];
  }
  putOutages(outages: readonly Outage[]): void {
    this.#isDirty = true;
    this.#row.outages = JSON.stringify(outages);
  }
}
