import { shardOf } from "#core/job-id";
import { judgeDue, judgeHandBack, type Outage } from "#core/judge-due";
import type { Settings } from "#core/settings";
import { needsTask, settleFailure, settleSuccess } from "#core/settle";
import { parseTaskId, type TaskAddress, type TaskRecord, taskId } from "#core/task";
import { nameSender } from "#engine/name-sender";
import type { ResultMessage, ResultVerdict } from "#engine/orchestrator";
import type { Claimed } from "#engine/parked-polls";
import type { Runner } from "#engine/runner";
import { forever, resultPatienceMs, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Settlement, Storage, TaskDetails, Verdict } from "#storage/storage";

export interface SettlingOptions {
  storage: Storage;
  caller: StoreCaller;
  world: World;
  runner: Runner;
  settings: Settings;
  lastSeen: (workerId: string) => number | null;
  /** Reads what other engines heard of workers. */
  refreshWorkers: () => Promise<void>;
  /** An attempt is over, or back in its queue: its worker has a slot more. */
  onOver: (id: string, workerId: string | null) => void;
  onError: (error: unknown) => void;
}

/** Brings results to their tasks, and judges tasks whose time is over. */
export class Settling {
  readonly #options: SettlingOptions;

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  /** The verdicts on workers' results, in their order; those of one shard travel together. */
  async results(messages: readonly ResultMessage[]): Promise<ResultVerdict[]> {
    const verdicts: ResultVerdict[] = messages.map(() => ({ outcome: "ignored", reason: "not_found" }));
    const byShard = new Map<number, { at: number; settlement: Settlement }[]>();
    const settlements = await Promise.all(messages.map((message) => this.#settlementOf(message)));
    for (const [at, settlement] of settlements.entries()) {
      if (settlement === null) continue;
      const shard = shardOf(settlement.address.jobId, this.#options.storage.shards);
      byShard.set(shard, [...(byShard.get(shard) ?? []), { at, settlement }]);
    }
    await Promise.all(
      [...byShard].map(async ([shard, entries]) => {
        const settled = await this.#settle(
          shard,
          entries.map((entry) => entry.settlement),
          resultPatienceMs,
        );
        for (const [index, { at }] of entries.entries()) verdicts[at] = settled[index] as ResultVerdict;
      }),
    );
    for (const [at, verdict] of verdicts.entries()) this.#over(messages[at] as ResultMessage, verdict);
    return verdicts;
  }

  /** Judges tasks that a claim took because their time may be over; what ran out in one of the `outages` is spared. */
  async due(shard: number, tasks: readonly TaskDetails[], outages: readonly Outage[]): Promise<void> {
    const { world, caller, settings, lastSeen, refreshWorkers } = this.#options;
    if (tasks.some(({ task }) => this.#seemsLost(task as TaskRecord))) await refreshWorkers();
    const settlements = tasks.map((details): Settlement => {
      const task = details.task as TaskRecord;
      const verdict = judgeDue(task, details.lane?.type ?? "", {
        now: caller.clock.now(),
        random: world.random(),
        settings,
        outages,
        lastSeen: task.worker === null ? null : lastSeen(task.worker),
      });
      return engineSettlement(task, verdict);
    });
    await this.#settle(shard, settlements, forever);
    for (const [at, { verdict }] of settlements.entries()) {
      const task = tasks[at]?.task as TaskRecord;
      if (verdict.kind !== "extend") this.#options.onOver(taskId(task), task.worker);
    }
  }

  /** This engine hears nothing of who holds the task; another one may. */
  #seemsLost({ state, worker, leasedAt }: TaskRecord): boolean {
    const { caller, settings, lastSeen } = this.#options;
    if (worker === null || (state !== "leased" && state !== "offered")) return false;
    const heard = Math.max(lastSeen(worker) ?? 0, leasedAt ?? 0);
    return heard + settings.livenessMs <= caller.clock.now();
  }

  /** Puts tasks back in their queues at once: nobody got them. */
  giveBack(claimed: Claimed): void {
    const { storage, caller, world, onOver, onError } = this.#options;
    for (const { task, type } of claimed) {
      const shard = shardOf(task.jobId, storage.shards);
      const verdict = judgeHandBack(task, type, { now: caller.clock.now(), random: world.random() });
      this.#settle(shard, [engineSettlement(task, verdict)], forever)
        .then(() => onOver(taskId(task), task.worker))
        .catch(onError);
    }
  }

  async #settle(shard: number, settlements: Settlement[], patienceMs: number) {
    const { runner, caller, storage } = this.#options;
    const reply = await runner.lend(settlements.length, (lease) =>
      caller.call(() => storage.settleTasks({ shard, settlements, lease }), patienceMs),
    );
    return reply.results;
  }

  /** A success needs nothing but the id; a failure is judged by the task's own settings. */
  async #settlementOf({ taskId: id, jobId, worker, mayBe, report }: ResultMessage): Promise<Settlement | null> {
    const address = parseTaskId(id);
    if (address === null || address.jobId !== jobId) return null;
    const isJudgedByTask = needsTask(report);
    const details = isJudgedByTask || mayBe !== undefined ? await this.#read(address) : null;
    const sender = details === null || mayBe === undefined ? worker : nameSender(details, address.attempt, mayBe);
    const settlement = { address, worker: sender, rev: null, cancelled: report.status === "cancelled" };
    const task = isJudgedByTask ? details?.task : null;
    if (task == null) return { ...settlement, verdict: settleSuccess(address, report) };
    const { caller, world } = this.#options;
    const failing = { ...task, attempt: address.attempt };
    const verdict = settleFailure(failing, details?.lane?.type ?? "", report, caller.clock.now(), world.random());
    return { ...settlement, verdict };
  }

  async #read(address: TaskAddress): Promise<TaskDetails | null> {
    const { caller, storage } = this.#options;
    return (await caller.call(() => storage.getTask({ address }), resultPatienceMs)).found;
  }

  #over(message: ResultMessage, verdict: ResultVerdict): void {
    if (verdict.outcome === "ignored" && verdict.reason === "mismatch") return;
    this.#options.onOver(message.taskId, message.worker === "*" ? null : message.worker);
  }
}

function engineSettlement(task: TaskRecord, verdict: Verdict): Settlement {
  const { jobId, wait, index, attempt } = task;
  return { address: { jobId, wait, index, attempt }, worker: null, rev: task.rev, verdict, cancelled: false };
}
