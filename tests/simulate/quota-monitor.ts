import type { JobRecord } from "avtomatika/internal/core/job";
import type { ChargeQuota } from "avtomatika/internal/storage/counters";
import type { MemoryStorage } from "avtomatika/internal/storage/memory/memory-storage";
import type { ChargeRow } from "avtomatika/internal/storage/rows/rows";
import type { Ledger } from "./ledger.ts";
import { metered } from "./simulated-client.ts";
import type { Tally } from "./tally.ts";

/** Counts what clients with a quota have created, by itself: I9. */
export class QuotaMonitor {
  readonly #store: MemoryStorage;
  readonly #ledger: Ledger;
  readonly #tally: Tally;
  readonly #now: () => number;
  /** The month in which each job was charged, by the clock on the wall. */
  readonly #charged = new Map<string, string>();
  readonly #refused = new Set<string>();
  readonly #refunded = new Set<string>();
  /** Created jobs by month. */
  readonly #created = new Map<string, number>();

  constructor(store: MemoryStorage, ledger: Ledger, tally: Tally, now: () => number) {
    this.#store = store;
    this.#ledger = ledger;
    this.#tally = tally;
    this.#now = now;
  }

  /** After a call on one shard. */
  look(method: string, input: unknown, shard: number): void {
    if (method !== "chargeQuota" && method !== "refundQuota") return;
    for (const id of (input as ChargeQuota).jobIds) {
      const row = this.#store.inspect()[shard]?.counters.charge(id);
      if (row === undefined) continue;
      if (row.state === "charged") this.#charge(row);
      else if (row.state === "refused") this.#note("refused", this.#refused, id);
      else this.#refund(id);
    }
  }

  /** A job that was not there before the last call. */
  lookAtNew({ id, owner, parentId }: JobRecord): void {
    if (owner !== metered.clientId || parentId !== null) return;
    const month = this.#charged.get(id);
    if (month === undefined || this.#refunded.has(id)) {
      return this.#ledger.violate(`I9: job ${id} was created, but its charge was ${month && "given back"}`);
    }
    const created = (this.#created.get(month) ?? 0) + 1;
    this.#created.set(month, created);
    const most = metered.monthlyAttempts ?? 0;
    if (created > most) this.#ledger.violate(`I9: ${created} jobs were created in ${month}, ${most} are allowed`);
  }

  /** Where nothing went wrong, each unit that counts is one of a job. */
  checkWaste(): void {
    for (const { counters } of this.#store.inspect()) {
      for (const { period, used } of counters.quotas.values()) {
        const created = this.#created.get(period) ?? 0;
        if (used !== created)
          this.#ledger.violate(`I9: ${used} units of ${period} are used, ${created} jobs were created`);
      }
    }
  }

  #charge({ jobId, period }: ChargeRow): void {
    if (this.#charged.has(jobId)) return;
    const month = new Date(this.#now()).toISOString().slice(0, 7);
    if (period !== month) this.#ledger.violate(`I9: job ${jobId} was charged to ${period} in ${month}`);
    this.#tally.add("quota charged");
    if (this.#created.size > 0 && !this.#created.has(month)) this.#tally.add("quota charged in another month");
    this.#charged.set(jobId, month);
  }

  #refund(id: string): void {
    this.#note("refunded", this.#refunded, id);
    const isThere = this.#store.inspect().some(({ jobs }) => jobs.records.has(id));
    if (isThere) this.#ledger.violate(`I9: the unit of job ${id} was given back`);
  }

  #note(what: string, known: Set<string>, id: string): void {
    if (!known.has(id)) this.#tally.add(`quota ${what}`);
    known.add(id);
  }
}
