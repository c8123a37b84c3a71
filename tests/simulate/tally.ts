/** Counts how often things occurred; what was named in advance and never occurred shows as 0. */
export class Tally {
  readonly counts = new Map<string, number>();

  constructor(names: readonly string[] = []) {
    for (const name of names) this.counts.set(name, 0);
  }

  add(name: string, count = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + count);
  }
  merge(other: Iterable<[string, number]>): void {
    for (const [name, count] of other) this.add(name, count);
  }
  missing(): string[] {
    return [...this.counts].filter(([, count]) => count === 0).map(([name]) => name);
  }
}

/** Everything that must occur in a run of many seeds. */
export const expected = [
  ...[
    "transition",
    "task",
    "fan-out",
    "approval",
    "child",
    "sleep",
    "finish",
    "fail",
    "end",
    "throw",
    "once",
    "nothing",
    "aggregator",
  ].map((name) => `action ${name}`),
  ...["all", "settled", "any", "quorum"].map((name) => `policy ${name}`),
  ...[
    "pending",
    "running",
    "waiting_for_worker",
    "waiting_for_human",
    "waiting_for_parallel_tasks",
    "waiting_for_sub_job",
  ].map((name) => `status ${name}`),
  ...["sleeping", "awaiting_retry", "finished", "failed", "cancelled", "quarantined"].map((name) => `status ${name}`),
  ...["call not applied", "reply lost", "applied twice", "store away", "bell lost", "bell doubled", "bell late"].map(
    (name) => `fault ${name}`,
  ),
  ...[
    "engine killed",
    "engine paused",
    "engine without a state",
    "worker killed",
    "message lost",
    "message doubled",
  ].map((name) => `fault ${name}`),
  ...["message late", "hand-over lost", "worker clock skewed", "lease ran out"].map((name) => `fault ${name}`),
  "closing over several calls",
  ...["charged", "refused", "refunded", "charged in another month"].map((name) => `quota ${name}`),
];
