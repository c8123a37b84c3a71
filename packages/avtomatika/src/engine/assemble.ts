import type { BlueprintDefinition } from "#core/definition";
import { ClaimLoop } from "#engine/claim-loop";
import { EndWatchers } from "#engine/end-watchers";
import type { EngineParts } from "#engine/engine-options";
import { HandOver } from "#engine/hand-over";
import { JobAccess } from "#engine/job-access";
import { LeaseKeeper } from "#engine/lease-keeper";
import { OtherDesks, presenceMs } from "#engine/other-desks";
import { PollDesk } from "#engine/poll-desk";
import { ProgressBuffer } from "#engine/progress-buffer";
import { Quota } from "#engine/quota";
import { RateLimiter } from "#engine/rate-limiter";
import { Registry } from "#engine/registry";
import { Revocations } from "#engine/revocations";
import { Runner } from "#engine/runner";
import { Settling } from "#engine/settling";
import { forever, isAway, StoreCaller } from "#engine/store-caller";
import { StoreClock } from "#engine/store-clock";
import { Upkeep } from "#engine/upkeep";
import { WantedStates } from "#engine/wanted-states";
import { WarnOnce } from "#engine/warn-once";
import { realWorld } from "#engine/world";

/** How often leases are prolonged and offers confirmed, signs of life written and read, standings read. */
const extendEveryMs = 2000;
const signsEveryMs = 5000;
const readSignsEveryMs = 20_000;
const standingsEveryMs = 60_000;
const seatEveryMs = 5000;
const purgeRows = 1000;

/** The parts of an engine, joined. Each knows only the few others that it calls. */
export function assemble({ storage, settings, blueprints, logger, options, world = realWorld }: EngineParts) {
  const engineId = `${options.instanceId}-${world.uuid().slice(-8)}`;
  const known: ReadonlyMap<string, BlueprintDefinition> = new Map(blueprints.map((one) => [one.name, one]));
  const names = [...known.keys()];
  const blueprint = (name: string): BlueprintDefinition | undefined => known.get(name);
  const onError = (error: unknown): void => logger.error({ err: error }, "a call in the background failed");
  const caller = new StoreCaller(world, new StoreClock(world), {
    away: (error) => logger.warn(`${(error as Error).message}; everything goes on when it does`),
    back: () => logger.info(`the store answers again: ${storage.name}`),
  });
  const base = { storage, caller, world };
  const watchers = new EndWatchers(world);
  const warnOnce = new WarnOnce(logger);
  const revocations = new Revocations();
  const loops: ClaimLoop[] = [];

  const runner: Runner = new Runner(
    {
      ...base,
      settings,
      logger,
      blueprint,
      maxResultBytes: options.maxAggregationBytes,
      onConditionError: (jobId, condition, error) => warnOnce.warn(jobId, condition, error),
      onEnd: (held) => {
        const { id, blueprint: name, state, status, head } = held.job;
        if (status === "quarantined") {
          logger.warn({ jobId: id, blueprint: name, state, reason: head.errorMessage }, "a job is quarantined");
        }
        watchers.ring(held.job.id, { ...held, join: null, task: null, lanes: [] });
        warnOnce.forget(held.job.id);
      },
      onPutOff: (job) => wanted.tell(job),
    },
    {
      engineId,
      maxConcurrentJobs: options.maxConcurrentJobs,
      blueprints: () => names,
      onFree: () => {
        wanted.freed();
        for (const loop of loops) loop.freed();
      },
    },
  );
  const wanted: WantedStates = new WantedStates({ ...base, runner, blueprint, onError });
  const registry: Registry = new Registry({
    ...base,
    onChange: (worker) => desk.freed(worker.id),
    isParked: (id) => desk.isParked(id),
    onError,
  });
  const settling: Settling = new Settling({
    ...base,
    runner,
    settings,
    lastSeen: (id) => registry.lastSeen(id),
    refreshWorkers: () => registry.refresh(),
    onOver: (id, workerId) => {
      handOver.forget(id);
      revocations.forget(id);
      registry.taskOver(id, workerId);
      others.over(id, workerId);
      if (workerId !== null) desk.freed(workerId);
    },
    onError,
  });
  const handOver: HandOver = new HandOver(registry, settling, storage.shards);
  const others = new OtherDesks({
    ...base,
    engineId,
    worker: (id) => registry.get(id),
    workers: () => registry.all(),
    onError,
  });
  const desk: PollDesk = new PollDesk({
    ...base,
    others,
    worker: (id) => registry.get(id),
    offerMs: settings.offerMs,
    holdMs: options.dispatchHoldMs,
    maxParked: options.maxParkedPolls,
    onOrphans: (claimed) => handOver.giveBack(claimed),
    onError,
  });
  const leases = new LeaseKeeper({ ...base, runner, handOver, engineId, livenessMs: settings.livenessMs });
  const progress = new ProgressBuffer({ ...base, onError });
  const quota = new Quota({ ...base, timeZone: options.timeZone });
  const limiter = new RateLimiter({ ...base, limits: options.rateLimits });
  const access = new JobAccess({ ...base, runner, watchers, blueprint });

  for (let shard = 0; shard < storage.shards; shard++) {
    const loop = new ClaimLoop(shard, {
      ...base,
      runner,
      backstopMs: options.watcherIntervalMs,
      onDueTasks: (at, tasks, outages) => settling.due(at, tasks, outages),
      onPurge: async (at) => {
        await caller.call(() => storage.purge({ shard: at, limit: purgeRows }), forever);
      },
      // The shards' outages are the same.
      onOutage: (outage) => {
        if (shard === 0)
          logger.warn(outage, "no engine saw the store for a while: what ran out meanwhile is judged later");
      },
    });
    loops.push(loop);
  }
  const upkeep = new Upkeep(
    world,
    [
      { name: "prolong leases", everyMs: extendEveryMs, run: () => leases.extend() },
      { name: "write signs of life", everyMs: signsEveryMs, run: () => registry.flushSigns() },
      {
        name: "read signs of life",
        everyMs: readSignsEveryMs,
        run: async () => {
          // What is read before a worker is given up is enough where there is nobody to hear from.
          if (!others.isAlone) await registry.pullSigns();
        },
      },
      { name: "greet the others", everyMs: presenceMs / 3, run: () => others.greet(false) },
      { name: "read standings", everyMs: standingsEveryMs, run: () => registry.pullStandings() },
      { name: "keep a seat", everyMs: limiter.isOn ? seatEveryMs : forever, run: () => limiter.keepSeat() },
      {
        name: "look again",
        everyMs: options.watcherIntervalMs,
        run: async () => {
          watchers.ringAll();
          await registry.pull();
          await revocations.pull(storage, caller);
          await desk.look();
        },
      },
    ],
    // That the store is away is told once, not by every chore.
    (chore, error) => isAway(error) || logger.error({ err: error, chore }, "upkeep failed"),
  );
  return {
    ...base,
    known,
    blueprint,
    onError,
    settings,
    runner,
    wanted,
    loops,
    registry,
    settling,
    handOver,
    desk,
    others,
    revocations,
    leases,
    progress,
    quota,
    limiter,
    access,
    watchers,
    upkeep,
  };
}

export type Assembly = ReturnType<typeof assemble>;
