// What a measurement prints: a table of aligned columns, and goals that are met or missed.

export type Cell = string | number;

export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const texts = [head, ...rows].map((row) => row.map(text));
  const widths = head.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? "").length)));
  for (const row of texts) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(cells.join("  ").trimEnd());
  }
}

function text(cell: Cell): string {
  if (typeof cell === "string") return cell;
  if (Number.isInteger(cell)) return cell.toLocaleString("en");
  return cell.toLocaleString("en", { maximumFractionDigits: Math.abs(cell) >= 100 ? 0 : Math.abs(cell) >= 1 ? 2 : 4 });
}

/** Goals are told, never enforced: what they measure depends on the machine. */
export class Goals {
  #met = 0;
  readonly #missed: string[] = [];

  atMost(what: string, value: number, most: number): void {
    const isMet = value <= most;
    console.log(`goal ${what}: ${text(value)}, at most ${text(most)}: ${isMet ? "met" : "missed"}`);
    if (isMet) this.#met += 1;
    else this.#missed.push(what);
  }

  atLeast(what: string, value: number, least: number): void {
    const isMet = value >= least;
    console.log(`goal ${what}: ${text(value)}, at least ${text(least)}: ${isMet ? "met" : "missed"}`);
    if (isMet) this.#met += 1;
    else this.#missed.push(what);
  }

  get summary(): string {
    const missed = this.#missed.length === 0 ? "" : ` (${this.#missed.join(", ")})`;
    return `goals met ${this.#met}, missed ${this.#missed.length}${missed}`;
  }
}

/** The value below which `share` of the sorted values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A measurement in which something that should have happened did not has no figures. */
export function requireSome(what: string, count: number, wanted: number): void {
  if (count < wanted || count === 0) throw new Error(`${what}: ${count} instead of ${wanted}`);
}
