import type { JobRecord } from "avtomatika/internal/core/job";
import type { JoinRecord } from "avtomatika/internal/core/join";
import { hasEnded } from "avtomatika/internal/core/status";
import { parseTaskId } from "avtomatika/internal/core/task";
import type { StoreDump } from "avtomatika/internal/storage/testkit/dump";
import type { TrailEntry } from "./blueprints.ts";
import type { JobBodies } from "./killed-store.ts";
import type { KnownFacts } from "./known-facts.ts";
import type { Verdict } from "./verdict.ts";

interface Job {
  record: JobRecord;
  data: Record<string, unknown>;
  initial: JobBodies["initial"];
  trail: TrailEntry[];
  joins: JoinRecord[];
  children: number;
  nonces: Set<string>;
}

/** Holds the store against all that is known when everything has come to rest. */
export function checkEnd(
  dump: StoreDump,
  bodies: ReadonlyMap<string, JobBodies>,
  facts: KnownFacts,
  verdict: Verdict,
): void {
  const jobs = gatherJobs(dump, bodies, verdict);
  checkCreations(jobs, facts, verdict);
  for (const job of jobs.values()) {
    const { id, status } = job.record;
    if (!hasEnded(status)) verdict.report("orphan", `job ${id} is ${status} though everything is at rest`);
    checkTrail(job, facts, verdict);
    checkFans(job, facts, verdict);
    checkCounts(job, verdict);
  }
  checkExecutions(jobs, facts, verdict);
  for (const id of facts.cancelled) {
    const status = jobs.get(id)?.record.status;
    if (status !== "cancelled") verdict.report("lost", `I6: the cancelled job ${id} ended ${status}`);
  }
  for (const { jobId, nonce } of facts.decided) checkDecision(jobs.get(jobId), nonce, verdict);
  for (const { jobId, nonce } of facts.requeued) {
    if (jobs.get(jobId)?.data[`order_${nonce}`] !== true)
      verdict.report("lost", `the requeue ${nonce} of job ${jobId}`);
  }
  for (const id of facts.discarded) {
    if (jobs.get(id)?.record.head.discardedAt == null) verdict.report("lost", `the discard of job ${id}`);
  }
}

/** I1: one job per key, whatever became of the replies. */
function checkCreations(jobs: Map<string, Job>, facts: KnownFacts, verdict: Verdict): void {
  const byKey = new Map<string, string[]>();
  for (const [id, { record, initial }] of jobs) {
    const key = String(initial.metadata?.["key"]);
    if (record.parentId === null) byKey.set(key, [...(byKey.get(key) ?? []), id]);
  }
  for (const [key, jobId] of facts.created) {
    const found = byKey.get(key) ?? [];
    if (!found.includes(jobId)) verdict.report("lost", `I1: job ${jobId} of ${key}`);
    if (found.length > 1) verdict.report("doubled", `I1: ${key} made the jobs ${found.join(", ")}`);
  }
  for (const key of byKey.keys()) if (!facts.created.has(key)) verdict.report("lost", `I1: nobody was told of ${key}`);
}

/** I2: each visit committed one run, which happened, and none is missing before the last. */
function checkTrail({ record, trail }: Job, facts: KnownFacts, verdict: Verdict): void {
  const { id, status } = record;
  const orders = facts.ordered.get(id) ?? 0;
  const visits = new Set(trail.map(({ visit }) => visit));
  const repeats = trail.length - visits.size;
  if (repeats > orders)
    verdict.report("doubled", `I2: job ${id} left ${repeats} visits twice: ${JSON.stringify(trail)}`);
  const last = record.head.visit;
  const isComplete = visits.size >= last - 1 - orders;
  const least = status === "cancelled" ? 0 : last - 1;
  if (!isComplete || (orders === 0 && ![...visits].every((visit, at) => visit === at + 1))) {
    verdict.report("lost", `I2: job ${id} entered ${last} states, but left ${[...visits].join(", ")}`);
  }
  if (orders === 0 && visits.size < least)
    verdict.report("lost", `I2: job ${id} ended ${status} in visit ${last} after ${visits.size}`);
  for (const { visit, run, action } of trail) {
    const runs = facts.runs.get(`${id}_${visit}`) ?? [];
    if (!runs.some((one) => one.run === run))
      verdict.report("doubled", `I2: job ${id} has a run of ${visit} that never was`);
    for (const part of partsOf(action)) verdict.tally.add(part);
  }
}

function partsOf(action: string): string[] {
  const words = action.replace(/^once /, "");
  const once = action.startsWith("once ") ? ["action once"] : [];
  if (!words.includes("fan-out ")) return [...once, `action ${words}`];
  const [, policy, onFailure] = /fan-out (\w+)( onFailure)?/.exec(words) as unknown as [string, string, string?];
  return [...once, "action fan-out", `fan-out ${policy}`, ...(onFailure ? ["fan-out onFailure"] : [])];
}

/** I4: a fan-out is aggregated at most once, from results that are in the store. */
function checkFans({ record, trail, nonces }: Job, facts: KnownFacts, verdict: Verdict): void {
  const fans = new Set<string>();
  for (const { fan, nonces: used } of trail) {
    for (const nonce of used)
      if (!nonces.has(nonce)) verdict.report("lost", `I4: job ${record.id} aggregated ${nonce}`);
    if (new Set(used).size < used.length) verdict.report("doubled", `I4: job ${record.id} aggregated a result twice`);
    if (fan === null) continue;
    verdict.tally.add("action aggregator");
    if (fan !== "empty" && fans.has(fan) && !facts.ordered.has(record.id))
      verdict.report("doubled", `I4: job ${record.id} joined ${fan} twice`);
    fans.add(fan);
  }
}

/** What the handlers chose is what there is: a join for each dispatch, a child for each `runBlueprint`. */
function checkCounts({ record, trail, joins, children }: Job, verdict: Verdict): void {
  const count = (pattern: RegExp): number => trail.filter(({ action }) => pattern.test(action)).length;
  const dispatched = count(/^(once )?(task|fan-out|large fan-out)/);
  if (joins.length < dispatched)
    verdict.report("lost", `I2: job ${record.id} has ${joins.length} of ${dispatched} joins`);
  if (joins.length > dispatched)
    verdict.report("doubled", `I2: job ${record.id} has ${joins.length} joins, not ${dispatched}`);
  const begun = count(/child$/);
  if (children < begun) verdict.report("lost", `I2: job ${record.id} has ${children} of ${begun} children`);
  if (children > begun) verdict.report("doubled", `I2: job ${record.id} has ${children} children, not ${begun}`);
}

function checkDecision(job: Job | undefined, nonce: string, verdict: Verdict): void {
  if (job === undefined) return verdict.report("lost", `the job of the decision ${nonce}`);
  const last = job.data["approval"] as { metadata?: { nonce?: string } } | undefined;
  const times = [...job.trail.map(({ approval }) => approval), last?.metadata?.nonce].filter(
    (one) => one === nonce,
  ).length;
  if (times > 1) verdict.report("doubled", `the decision ${nonce} of job ${job.record.id}`);
  if (times === 0 && job.record.status !== "cancelled")
    verdict.report("lost", `the decision ${nonce} of job ${job.record.id}`);
}

/** I2: what a lost run chose has no effect: nobody was given a task of a run that no visit committed. */
function checkExecutions(jobs: Map<string, Job>, facts: KnownFacts, verdict: Verdict): void {
  const runs = new Map([...jobs].map(([id, { trail }]) => [id, new Set(trail.map(({ run }) => run))]));
  for (const { taskId, fan } of facts.executions.values()) {
    const jobId = parseTaskId(taskId)?.jobId ?? "";
    if (runs.get(jobId)?.has(fan) !== true)
      verdict.report("doubled", `I2: the task ${taskId} was done, but its run ${fan} was never committed`);
  }
}

function gatherJobs(dump: StoreDump, bodies: ReadonlyMap<string, JobBodies>, verdict: Verdict): Map<string, Job> {
  const rows = dump.shards[0] as StoreDump["shards"][number];
  const jobs = new Map<string, Job>();
  for (const record of rows.jobs) {
    const own = bodies.get(record.id);
    if (own === undefined) verdict.report("lost", `job ${record.id} can't be read`);
    const { data, initial } = own ?? { data: {}, initial: { metadata: null } };
    const trail = (data["trail"] ?? []) as TrailEntry[];
    jobs.set(record.id, {
      record,
      data,
      initial,
      trail,
      joins: [],
      children: 0,
      nonces: new Set(),
    });
  }
  for (const join of rows.joins) jobs.get(join.jobId)?.joins.push(join);
  for (const { parentId } of rows.jobs) if (parentId !== null) (jobs.get(parentId) as Job).children += 1;
  for (const { jobId, end } of rows.results) {
    const nonce = (end.data as { nonce?: string } | null)?.nonce;
    if (nonce !== undefined) jobs.get(jobId)?.nonces.add(nonce);
  }
  return jobs;
}
