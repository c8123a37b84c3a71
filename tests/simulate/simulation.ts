import { shardOf } from "avtomatika/internal/core/job-id";
import { defaultSettings, type Settings } from "avtomatika/internal/core/settings";
import { hasEnded } from "avtomatika/internal/core/status";
import { Engine } from "avtomatika/internal/engine/engine";
import { defaultEngineOptions } from "avtomatika/internal/engine/engine-options";
import { MemoryStorage } from "avtomatika/internal/storage/memory/memory-storage";
import { type Host, Network } from "avtomatika/internal/testing/network";
import { Process, simulatedWorld } from "avtomatika/internal/testing/process";
import { Random } from "avtomatika/internal/testing/random";
import { type FaultRates, type StoreSwitch, simulatedStore } from "avtomatika/internal/testing/simulated-store";
import { VirtualTime } from "avtomatika/internal/testing/virtual-time";
import { Ledger } from "./ledger.ts";
import { Monitor } from "./monitor.ts";
import { checkQuiet } from "./quiet.ts";
import { quietLogger } from "./quiet-logger.ts";
import { type HandlerWorld, randomBlueprint, randomShapes } from "./random-blueprint.ts";
import { Recording } from "./recording.ts";
import { metered, SimulatedClient } from "./simulated-client.ts";
import { type Abilities, drawAbilities, SimulatedWorker } from "./simulated-worker.ts";
import { Tally } from "./tally.ts";

const start = Date.UTC(2030, 0, 1);
const monthMs = 31 * 86_400_000;
const jobCount = 20;
/** Of the client that has a quota, which is smaller. */
const meteredCount = 12;
const workerCount = 4;
const engineCount = 2;
const shardCount = 3;
/** The faults end here; then everything must come to rest within the second span. */
const stormMs = 150_000;
const calmMs = 7_200_000;

const settings: Settings = {
  ...defaultSettings,
  retry: { maxRetries: 2, delayMs: 1000, maxDelayMs: 10_000, factor: 2 },
  maxLostRuns: 4,
  workerTimeoutMs: 60_000,
  livenessMs: 40_000,
};

export interface SeedReport {
  seed: number;
  steps: number;
  calls: number;
  violations: string[];
  /** Where another store, given the same calls, did otherwise. */
  differences: string[];
  counts: [string, number][];
}

export interface Watchers {
  trace?: (line: string) => void;
  /** Asked, when the seed is over without a violation, what another store does differently. */
  replay?: (recording: Recording) => Promise<string[]>;
}

/** Runs one seed: jobs, workers and engines in simulated time, with every kind of fault, then silence. */
export async function simulate(seed: number, { trace, replay }: Watchers = {}): Promise<SeedReport> {
  const random = new Random(seed * 2654435761 + 17);
  const isMetered = random.chance(0.3);
  // Without faults no unit of a quota may be wasted.
  const isSafe = isMetered && random.chance(0.25);
  // The month ends while jobs are created.
  const begin = isMetered ? start + monthMs - random.int(0, 110_000) : start;
  const time = new VirtualTime(begin);
  const tally = new Tally();
  const ledger = new Ledger();
  const lostBells = !isSafe && random.chance(0.5);
  // In some seeds ended jobs go while others still run.
  const ofSeed: Settings = { ...settings, retentionMs: random.chance(0.3) ? 100_000 : settings.retentionMs };
  const state: StoreSwitch = {
    away: false,
    inFlight: 0,
    pace: 1,
    rates: isSafe ? drawRates(random, false, 0) : drawRates(random, lostBells),
  };
  const store = new MemoryStorage({ clock: () => Math.floor(time.now()), shards: shardCount });
  const recording = replay === undefined ? null : new Recording(store);
  const monitor = new Monitor(store, ledger, tally, () => Math.floor(time.now()));
  const hosts: Host[] = [];
  const network = new Network(time, random.fork(), state, tally, () => hosts);
  const shapes = randomShapes(random);
  const line = (text: string): void => trace?.(`${((time.now() - begin) / 1000).toFixed(3).padStart(9)} ${text}`);

  const lookAfter = (method: string, input: unknown, reply: { now: number }): void => {
    recording?.note(method, input, reply);
    const place = input as { shard?: number; jobId?: string; commit?: { jobId: string }; address?: { jobId: string } };
    const jobId = place.jobId ?? place.commit?.jobId ?? place.address?.jobId;
    monitor.look(method, input, place.shard ?? (jobId === undefined ? 0 : shardOf(jobId, shardCount)));
    if (trace !== undefined) line(`${method} ${brief(input)} -> ${brief(reply)}`);
  };

  function boot(name: string, without: string | null): Host {
    const process = new Process(time);
    const own = random.fork();
    const handlers: HandlerWorld = {
      random: own,
      tally,
      sleep: (ms) => new Promise((resolve) => void process.after(ms, resolve)),
      onOnce: (key, value) => ledger.once(key, value),
      onRun: (context) => line(`${name} runs ${context.currentState} of ${context.jobId} (attempt ${context.attempt})`),
    };
    const logger = quietLogger((text) => ledger.violate(`${name} logged an error: ${text}`));
    const engine = new Engine({
      storage: simulatedStore(store, process, time, own.fork(), state, tally, lookAfter),
      settings: ofSeed,
      blueprints: shapes.map((shape) => randomBlueprint(shape, handlers, without)),
      logger,
      world: simulatedWorld(process, time, own.fork()),
      options: {
        ...defaultEngineOptions,
        instanceId: name,
        maxConcurrentJobs: own.pick([2, 5, 100]),
        // Where no bell is lost the engine must never need its backstop.
        watcherIntervalMs: lostBells ? 20_000 : Number.POSITIVE_INFINITY,
      },
    });
    const host: Host = { process, engine, onDeath: new Set() };
    void engine.start().catch((error: unknown) => ledger.violate(`${name} did not start: ${String(error)}`));
    return host;
  }

  function kill(index: number): void {
    const host = hosts[index] as Host;
    host.process.kill();
    for (const tell of [...host.onDeath]) tell();
    line(`engine ${index} is killed`);
    tally.add("fault engine killed");
  }

  for (let index = 0; index < engineCount; index++) {
    const without = random.chance(0.15) ? "s1" : null;
    if (without !== null) tally.add("fault engine without a state");
    hosts.push(boot(`e${index}`, without));
  }
  const abilities = Array.from({ length: workerCount }, (_, index) => drawAbilities(index, random));
  const workers = Array.from({ length: workerCount }, (_, index) => newWorker(index));
  function newWorker(index: number): SimulatedWorker {
    const world = { network, time, random: random.fork(), ledger, tally, state };
    return new SimulatedWorker(`w${index}`, abilities[index] as Abilities, world);
  }
  const client = new SimulatedClient({ network, time, random: random.fork(), ledger });
  for (let job = 0; job < jobCount; job++) {
    client
      .drive(`key-${job}`, random.pick(["root", "root", "middle", "leaf"]))
      .catch((error: unknown) => ledger.violate(String(error)));
  }
  for (let job = 0; isMetered && job < meteredCount; job++) {
    client
      .drive(`metered-${job}`, random.pick(["middle", "leaf", "leaf"]), metered)
      .catch((error: unknown) => ledger.violate(String(error)));
  }
  let over = false;
  void client.attend(() => over, 20_000);
  if (isMetered) void client.attend(() => over, 20_000, metered);

  if (!isSafe) planStorm();
  const quiet = (): void => {
    if (state.inFlight === 0 && network.inFlight === 0 && !lostBells && !state.away)
      checkQuiet(store, hosts, time.now(), ledger);
  };
  const stop = (): boolean => ledger.violations.length > 0;
  await time.run(begin + stormMs, stop, quiet);
  if (isSafe && !stop()) monitor.quotas.checkWaste();
  calm();
  await time.run(time.now() + calmMs, () => stop() || isAtRest(), quiet);
  over = true;
  if (!stop()) checkEnd();
  const { violations } = ledger;
  const differences = recording === null || stop() ? [] : ((await replay?.(recording)) ?? []);
  return { seed, steps: time.steps, calls: monitor.calls, violations, differences, counts: [...tally.counts] };

  function planStorm(): void {
    for (let index = 0; index < engineCount; index++) {
      if (random.chance(0.6)) time.after(random.int(1000, stormMs - 20_000), () => restart(index));
      if (random.chance(0.5))
        time.after(random.int(1000, stormMs - 50_000), () => pause(index, random.int(1000, 40_000)));
    }
    for (let index = 0; index < workerCount; index++) {
      if (random.chance(0.4)) {
        time.after(random.int(1000, stormMs - 1000), () => {
          (workers[index] as SimulatedWorker).process.kill();
          tally.add("fault worker killed");
          workers[index] = newWorker(index);
        });
      }
    }
    if (random.chance(0.3)) {
      time.after(random.int(1000, stormMs - 20_000), () => {
        state.away = true;
        time.after(random.int(100, 12_000), () => {
          state.away = false;
        });
      });
    }
  }

  function restart(index: number): void {
    kill(index);
    time.after(random.int(0, 8000), () => {
      hosts[index] = boot(`e${index}`, null);
    });
  }

  function pause(index: number, ms: number): void {
    const host = hosts[index] as Host;
    if (!host.process.alive) return;
    tally.add("fault engine paused");
    line(`engine ${index} is paused for ${ms} ms`);
    host.process.pause();
    time.after(ms, () => host.process.resume());
  }

  /** No more faults: both engines know every state, and workers do well. */
  function calm(): void {
    line("calm");
    state.away = false;
    state.rates = drawRates(random, false, 0);
    for (const [index, host] of hosts.entries()) {
      host.process.resume();
      if (!host.process.alive) continue;
      kill(index);
      hosts[index] = boot(`e${index}`, null);
    }
    for (const worker of workers) worker.heal();
  }

  /** Every job has ended, for its clients too: nobody but an operator would move it. */
  function isAtRest(): boolean {
    if (client.pending > 0) return false;
    return store
      .inspect()
      .every(({ jobs }) =>
        [...jobs.records.values()].every((job) => hasEnded(job.status) && job.lease === null && job.ready === null),
      );
  }

  function checkEnd(): void {
    const jobs = store.inspect().flatMap((part) => [...part.jobs.records.values()]);
    const byId = new Map(jobs.map((job) => [job.id, job]));
    const isKept = ofSeed.retentionMs === settings.retentionMs;
    for (const [key, jobId] of ledger.created) {
      if (isKept ? !byId.has(jobId) : !monitor.knows(jobId)) ledger.violate(`I1: job ${jobId} of ${key} is lost`);
    }
    // Of a client with a quota nobody may have been told: the last word was that it is used up.
    const own = jobs.filter((job) => job.parentId === null && job.owner !== metered.clientId);
    const told = [...ledger.created.keys()].filter((key) => !key.startsWith(metered.clientId));
    if (isKept && own.length !== told.length) {
      ledger.violate(`I1: ${told.length} creations made ${own.length} jobs`);
    }
    for (const job of jobs) {
      if (!hasEnded(job.status))
        ledger.violate(`job ${job.id} did not come to rest: ${job.status}, ${JSON.stringify(job.head.waiting)}`);
    }
    for (const jobId of ledger.cancelled) {
      const status = byId.get(jobId)?.status;
      if (status !== undefined && status !== "cancelled")
        ledger.violate(`I6: job ${jobId} was told to be cancelled and is ${status}`);
    }
    for (const job of jobs) {
      const parent = byId.get(job.parentId ?? "");
      if (parent?.status !== "cancelled" || job.status === "cancelled" || monitor.quarantined.has(job.id)) continue;
      if ((job.endedAt ?? 0) > (parent.endedAt ?? 0)) {
        ledger.violate(`child ${job.id} of the cancelled job ${parent.id} went on and is ${job.status}`);
      }
    }
    for (const part of store.inspect()) {
      if (part.tasks.records.size > 0 && [...part.tasks.records.values()].some(isUnfinished)) {
        ledger.violate("I5: tasks are left over although every job has ended");
      }
    }
  }
}

function drawRates(random: Random, lostBells: boolean, scale = random.pick([0, 1, 1, 3])): FaultRates {
  const rate = (most: number): number => random.next() * most * scale;
  return {
    notApplied: rate(0.03),
    replyLost: rate(0.03),
    twice: rate(0.04),
    bellLost: lostBells ? 0.1 + rate(0.1) : 0,
    bellDoubled: rate(0.1),
    bellLate: rate(0.1),
    messageLost: rate(0.03),
    messageDoubled: rate(0.04),
    messageLate: rate(0.03),
    handOverLost: rate(0.04),
  };
}

/** A task that an ended job should not have: what is revoked or withdrawn waits for nothing. */
function isUnfinished({ state }: { state: string }): boolean {
  return state !== "revoked" && state !== "withdrawn";
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
