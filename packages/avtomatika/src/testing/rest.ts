import { hasEnded } from "#core/status";
import type { Stage } from "#testing/stage";

/** The longest that the engine's own affairs may take, in virtual time: the lease of a dead engine, say. */
const restLimitMs = 3_600_000;

/** Lets everything happen that needs nobody and no timer; virtual time moves only where the engine itself waits. */
export async function rest(stage: Stage): Promise<void> {
  const { time } = stage;
  const until = time.now() + restLimitMs;
  await stage.settle();
  for (;;) {
    await runDue(stage);
    stage.check();
    const next = time.next();
    if (isAtRest(stage) || next === null || next > until) return;
    await time.step();
  }
}

/** Lets time pass, and runs everything that falls due; `until` in milliseconds since the epoch. */
export async function advance(stage: Stage, until: number): Promise<void> {
  await rest(stage);
  for (let due = nextDue(stage); due !== null && due <= until; due = nextDue(stage)) {
    await travel(stage, due);
    await rest(stage);
  }
  await pass(stage, until);
  await rest(stage);
}

/** When something happens next by itself; null for never. */
export function nextDue(stage: Stage): number | null {
  const { config } = stage.options;
  const dues: (number | null)[] = stage.code.waiting().map(({ asleepUntil }) => asleepUntil);
  for (const { jobs, rows } of stage.store.inspect()) {
    dues.push(rows.nextTaskDue() ?? null, rows.nextRangeDue() ?? null);
    for (const job of jobs.records.values()) {
      if (job.cancel !== null && job.lease !== null) dues.push(job.cancel.at + config.cancelGraceSeconds * 1000);
      else if (job.endedAt === null && job.lease === null) dues.push(job.due);
    }
  }
  const next = Math.min(...dues.map((due) => due ?? Number.POSITIVE_INFINITY));
  return next === Number.POSITIVE_INFINITY ? null : Math.max(next, stage.time.now());
}

/** To an instant at which something is due, `due` from `nextDue`. */
export async function travel(stage: Stage, due: number): Promise<void> {
  const { time } = stage;
  // What is due now and was not looked at is due a moment later for the engine.
  if (due <= time.now() && (time.next() ?? due) > time.now()) await time.step();
  else await pass(stage, due);
}

/** Lets time pass: in one leap if nobody works meanwhile, whose signs of life would be missed. */
async function pass({ time, code, store }: Stage, until: number): Promise<void> {
  const isAtWork = code.waiting().length > 0 || store.inspect().some(({ tasks }) => hasHeld(tasks.records));
  if (!isAtWork) time.jump(until);
  await time.run(until, never, nothing);
}

function hasHeld(tasks: ReadonlyMap<string, { state: string }>): boolean {
  return [...tasks.values()].some(({ state }) => state === "offered" || state === "leased");
}

async function runDue({ time }: Stage): Promise<void> {
  await time.run(time.now(), never, nothing);
}

/** True if nothing is under way: no call, no handler that runs, no job or task that somebody could take. */
function isAtRest(stage: Stage): boolean {
  const { host, state, network, store } = stage;
  if (!host.process.alive || state.inFlight > 0 || network.inFlight > 0) return false;
  if (host.engine.snapshot().callsUnderWay > 0) return false;
  return store.inspect().every((part) => {
    const jobs = [...part.jobs.records.values()];
    const isClosing = part.closings.records.size > 0;
    return !isClosing && jobs.every((job) => isStill(stage, job)) && hasNoTaker(stage, part);
  });
}

type Shard = ReturnType<Stage["store"]["inspect"]>[number];
type Job = Shard["jobs"]["records"] extends ReadonlyMap<string, infer Record> ? Record : never;

function isStill({ host, code, instance }: Stage, job: Job): boolean {
  const isKnown = job.cancel !== null || host.engine.blueprint(job.blueprint) !== undefined;
  if (job.ready !== null) return !isKnown;
  if (job.lease === null || (hasEnded(job.status) && job.status !== "quarantined")) return true;
  // Its handler waits for time to pass, or for its signal.
  return job.lease.engine.startsWith(instance) && code.waiting().some(({ jobId }) => jobId === job.id);
}

/** No queued task is one that a worker could take now. */
function hasNoTaker({ host, workers }: Stage, { queues }: Shard): boolean {
  const { polls, held } = host.engine.snapshot();
  for (const entry of queues.entries.values()) {
    const lane = queues.laneRow(entry.lane)?.lane;
    const worker = lane && workers.get(lane.type);
    if (lane === undefined || worker === undefined || worker.isFull) continue;
    const poll = polls.find(({ workerId }) => workerId === worker.id);
    if (poll?.worker === undefined || poll.claiming || held.includes(lane.id) || poll.worker.mayTake(lane))
      return false;
  }
  return true;
}

const never = (): boolean => false;
const nothing = (): void => {};
