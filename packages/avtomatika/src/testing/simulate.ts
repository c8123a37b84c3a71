import { refuseUnknown } from "#core/refuse-unknown";
import { hasEnded } from "#core/status";
import { createJob } from "#server/create-job";
import type { HistoryEntry } from "#testing/history";
import { type JobView, viewJob } from "#testing/job-view";
import { checkWorker, configOf, defineAll, type KitSettings, type TestedBlueprint } from "#testing/kit-options";
import { Random } from "#testing/random";
import { nextDue, rest, travel } from "#testing/rest";
import { SimulationError } from "#testing/simulation-error";
import { Stage } from "#testing/stage";
import { Storm } from "#testing/storm";
import { admin } from "#testing/stuck";
import type { TaskFunction } from "#testing/test-worker";

export interface SimulateOptions {
  /** How many seeds: 1, 2, … Default 100. */
  seeds?: number | undefined;
  /** Only this one: a replay. */
  seed?: number | undefined;
  /** Further blueprints: the children. */
  blueprints?: readonly TestedBlueprint[] | undefined;
  /** Settings of the engine by the keys of `loadConfig`. */
  settings?: KitSettings | undefined;
  /** Who does the tasks, by type. */
  workers?: Readonly<Record<string, TaskFunction>> | undefined;
  /** The initial data of the jobs of each seed, which run side by side. Default: one job with `{}`. */
  jobs?: readonly object[] | undefined;
  /** Decides for a job that waits for a person; null leaves it waiting. By default any of its decisions, by chance. */
  decide?: ((job: JobView) => string | null) | undefined;
  /** Called before each seed, to forget what the last one did. */
  before?: ((seed: number) => void) | undefined;
  /** What must hold of each job in the end; it throws if it doesn't. */
  expect: (job: JobView, facts: SimulationFacts) => void | Promise<void>;
}

/** What happened to a job. */
export interface SimulationFacts {
  seed: number;
  history: HistoryEntry[];
  children: JobView[];
  /** How often its handlers began to run, the lost runs included. */
  runs: number;
  /** What went wrong in this seed, and how often. */
  faults: Readonly<Record<string, number>>;
}

export interface SimulationReport {
  seeds: number;
  /** What went wrong in all of them, and how often. */
  faults: Record<string, number>;
}

const known = ["seeds", "seed", "blueprints", "settings", "workers", "jobs", "decide", "before", "expect"];
/** Rounds of waking up and deciding; a job that needs more goes in circles. */
const maxRounds = 10_000;
const patienceMs = 2000;

/**
 * Runs a blueprint in virtual time through faults: engines and workers die, calls of the store get lost or are applied twice,
 * messages are lost, late or doubled, tasks fail once. What must hold nevertheless is `expect`.
 * @throws SimulationError that names the first seed which breaks it, and how to replay it
 */
export async function simulate(flow: TestedBlueprint, options: SimulateOptions): Promise<SimulationReport> {
  refuseUnknown("simulate", options, known);
  for (const [type, perform] of Object.entries(options.workers ?? {})) checkWorker(type, perform);
  const { seeds = 100, seed: only } = options;
  const faults: Record<string, number> = {};
  const first = only ?? 1;
  const last = only ?? seeds;
  for (let seed = first; seed <= last; seed++) {
    options.before?.(seed);
    for (const [name, count] of await runSeed(flow, options, seed)) faults[name] = (faults[name] ?? 0) + count;
  }
  return { seeds: last - first + 1, faults };
}

async function runSeed(flow: TestedBlueprint, options: SimulateOptions, seed: number) {
  const { blueprints = [], settings = {}, workers = {}, jobs = [{}] } = options;
  const random = new Random(seed * 40_503 + 11);
  const storm = new Storm(random.fork());
  const runs = new Map<string, number>();
  const stage: Stage = new Stage({
    blueprints: defineAll(flow, blueprints),
    config: configOf(settings),
    seed,
    startAt: Date.UTC(2030, 0, 1),
    patienceMs,
    rates: storm.rates,
    pace: 1,
    faults: storm,
    afterCall: () => storm.afterCall(stage),
    afterRun: () => storm.afterRun(stage),
    onRun: (jobId) => runs.set(jobId, (runs.get(jobId) ?? 0) + 1),
  });
  for (const [type, perform] of Object.entries(workers)) storm.hire(stage, type, perform);
  const ids: string[] = [];
  for (const [at, data] of jobs.entries()) {
    const keyed = { clientId: admin.clientId, idempotencyKey: `job-${at}` };
    ids.push(await stage.ask((engine) => createJob(engine, flow.name, data, keyed)));
  }
  await live(stage, ids, random, options.decide);
  storm.end(stage);
  await live(stage, ids, random, options.decide);
  const faults = Object.fromEntries(storm.counts);
  for (const id of ids) {
    const job = await look(stage, id);
    const history = stage.histories.of(id);
    const children: JobView[] = [];
    for (const child of job.childJobIds) children.push(await look(stage, child));
    const facts = { seed, history, children, runs: runs.get(id) ?? 0, faults };
    try {
      await options.expect(job, facts);
    } catch (error) {
      throw new SimulationError(error, job, facts);
    }
  }
  return storm.counts;
}

/** Until every job has ended, or nothing moves any more. */
async function live(stage: Stage, ids: readonly string[], random: Random, decide: SimulateOptions["decide"]) {
  for (let round = 0; round < maxRounds; round++) {
    await rest(stage);
    const open = [...records(stage)].filter(({ status }) => !hasEnded(status));
    if (!ids.some((id) => open.some((job) => job.id === id))) return;
    let decided = false;
    for (const { id, head } of open) {
      if (head.waiting?.kind === "human" && (await decideOne(stage, id, random, decide))) decided = true;
    }
    const due = decided ? null : nextDue(stage);
    if (!decided && due === null) return;
    if (due !== null) await travel(stage, due);
  }
}

async function decideOne(stage: Stage, id: string, random: Random, decide: SimulateOptions["decide"]) {
  const job = await look(stage, id);
  const { waitingFor } = job;
  if (waitingFor?.kind !== "human") return false;
  const decision = decide === undefined ? random.pick(waitingFor.decisions) : decide(job);
  if (decision === null) return false;
  await stage.ask((engine) => engine.decide(admin, id, { decision, comment: null, metadata: null }));
  return true;
}

async function look(stage: Stage, id: string): Promise<JobView> {
  const details = await stage.ask((engine) => engine.getJob(admin, id));
  if (details === null) throw new Error(`job ${id} is gone`);
  return viewJob(details, true);
}

function records(stage: Stage) {
  return stage.store.inspect().flatMap(({ jobs }) => [...jobs.records.values()]);
}
