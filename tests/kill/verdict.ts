import { Tally } from "../simulate/tally.ts";
import type { Wrong } from "./journal.ts";

/** What handlers choose. */
export const actions = [
  ...["transition", "task", "fan-out", "large fan-out", "approval", "child", "sleep", "finish", "fail", "nothing"],
  ...["end", "once", "aggregator"],
].map((name) => `action ${name}`);
export const policies = ["all", "settled", "any", "quorum", "onFailure"].map((name) => `fan-out ${name}`);
export const statuses = [
  ...["finished", "failed", "cancelled", "quarantined", "sleeping", "awaiting_retry", "waiting_for_worker"],
  ...["waiting_for_human", "waiting_for_parallel_tasks", "waiting_for_sub_job"],
].map((name) => `status ${name}`);
const others = [
  ...["kill at a random instant", "kill in a commit", "kill after a commit", "throw", "handler rerun", "task retried"],
  ...["creation", "cancel", "decision", "requeue", "discard", "result accepted", "nonce applied", "once given again"],
  ...["view of an ended job", "job leased at a kill", "creation over the quota"],
];

/** What must have happened in a run of the kill test. */
export const expected: readonly string[] = [...actions, ...policies, ...statuses, ...others];

/** What happened, and what went wrong. */
export class Verdict {
  readonly tally: Tally;
  readonly counts: Record<Wrong, number> = { lost: 0, doubled: 0, orphan: 0, other: 0 };
  readonly #told: string[] = [];

  /** `expected` has to occur in every run that isn't too short for it. */
  constructor(expected: readonly string[]) {
    this.tally = new Tally(expected);
  }

  report(how: Wrong, text: string): void {
    this.counts[how] += 1;
    if (this.#told.length < 40) this.#told.push(`${how}: ${text}`);
  }
  get isBad(): boolean {
    return Object.values(this.counts).some((count) => count > 0);
  }

  print(): void {
    const rows = [...this.tally.counts].sort(([a], [b]) => (a < b ? -1 : 1));
    for (let at = 0; at < rows.length; at += 3) {
      const cells = rows.slice(at, at + 3).map(([name, count]) => `${name.padEnd(34)}${String(count).padStart(8)}`);
      console.log(cells.join("   "));
    }
    for (const text of this.#told) console.log(text);
  }
}
