import type { Fact } from "./journal.ts";
import type { Verdict } from "./verdict.ts";

type Of<Kind extends Fact["kind"]> = Extract<Fact, { kind: Kind }>;

/** Everything that client, workers and handlers have noted. */
export class KnownFacts {
  /** Job ids by idempotency key. */
  readonly created = new Map<string, string>();
  readonly cancelled = new Set<string>();
  readonly decided: Of<"decided">[] = [];
  /** How many requeues were sent, by job: each may have been carried out. */
  readonly ordered = new Map<string, number>();
  readonly requeued: Of<"requeued">[] = [];
  readonly discarded = new Set<string>();
  /** By nonce. */
  readonly executions = new Map<string, { taskId: string; worker: string; fan: string }>();
  readonly runs = new Map<string, Of<"ran">[]>();
  readonly #threw = new Set<string>();
  /** Nonces of results whose worker was told that they were applied. */
  readonly accepted = new Set<string>();
  readonly #accepted = new Map<string, string>();
  readonly #once = new Map<string, Of<"once">>();
  readonly #verdict: Verdict;

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  firstAccepted(taskId: string, worker: string): string | undefined {
    return this.#accepted.get(`${taskId} ${worker}`);
  }

  onceOf(key: string): string | undefined {
    return this.#once.get(key)?.value;
  }

  /** Runs that came after one that was lost with its engine: it didn't throw, and no operator sent the job back. */
  countReruns(): number {
    let count = 0;
    for (const [key, runs] of this.runs) {
      if (this.ordered.has(key.slice(0, key.lastIndexOf("_")))) continue;
      for (const [at, run] of runs.entries()) {
        const before = runs[at - 1];
        if (before !== undefined && before.process !== run.process && !this.#threw.has(before.run)) count += 1;
      }
    }
    return count;
  }

  learn(fact: Fact): void {
    const { tally } = this.#verdict;
    switch (fact.kind) {
      case "created":
        return this.#create(fact);
      case "cancelled":
        tally.add("cancel");
        this.cancelled.add(fact.jobId);
        return;
      case "decided":
        tally.add("decision");
        this.decided.push(fact);
        return;
      case "ordered":
        this.ordered.set(fact.jobId, (this.ordered.get(fact.jobId) ?? 0) + 1);
        return;
      case "requeued":
        tally.add("requeue");
        this.requeued.push(fact);
        return;
      case "discarded":
        tally.add("discard");
        this.discarded.add(fact.jobId);
        return;
      case "executed":
        this.executions.set(fact.nonce, fact);
        return;
      case "accepted":
        return this.#accept(fact);
      case "ran":
        this.runs.set(fact.key, [...(this.runs.get(fact.key) ?? []), fact]);
        return;
      case "threw":
        tally.add("throw");
        this.#threw.add(fact.run);
        return;
      case "once":
        return this.#giveOnce(fact);
      case "saw":
        return tally.add(fact.what, fact.count);
      case "wrong":
        return this.#verdict.report(fact.how, fact.text);
    }
  }

  #create({ key, jobId }: Of<"created">): void {
    this.#verdict.tally.add("creation");
    const former = this.created.get(key);
    if (former !== undefined && former !== jobId)
      this.#verdict.report("doubled", `I1: ${key} is ${former} and ${jobId}`);
    this.created.set(key, jobId);
  }

  #accept({ taskId, worker, nonce }: Of<"accepted">): void {
    this.#verdict.tally.add("result accepted");
    const key = `${taskId} ${worker}`;
    this.accepted.add(nonce);
    if (!this.#accepted.has(key)) this.#accepted.set(key, nonce);
  }

  #giveOnce(fact: Of<"once">): void {
    const former = this.#once.get(fact.key);
    if (former === undefined) return void this.#once.set(fact.key, fact);
    this.#verdict.tally.add("once given again");
    if (former.value !== fact.value)
      this.#verdict.report("doubled", `I2: once of ${fact.key} gave ${former.value} and ${fact.value}`);
  }
}
