import { shardOf } from "#core/job-id";
import { type TaskAddress, type TaskRecord, taskId } from "#core/task";
import type { HandedTask, Poll } from "#engine/orchestrator";
import type { Claimed } from "#engine/parked-polls";
import type { Registry } from "#engine/registry";
import type { Settling } from "#engine/settling";

export interface Confirmation {
  address: TaskAddress;
  claim: string;
}

/** Offers on their way to workers: what was written to a socket is confirmed in bulk, the rest goes back at once. */
export class HandOver {
  readonly #registry: Registry;
  readonly #settling: Settling;
  readonly #shards: number;
  readonly #confirm = new Map<string, Confirmation>();

  constructor(registry: Registry, settling: Settling, shards: number) {
    this.#registry = registry;
    this.#settling = settling;
    this.#shards = shards;
  }

  /** The answer to a poll. */
  poll(workerId: string, claimed: Claimed): Poll {
    const worker = this.#registry.get(workerId);
    for (const { task } of claimed) worker?.openTasks.add(taskId(task));
    return {
      tasks: claimed.map(handed),
      delivered: () => {
        for (const { task } of claimed)
          this.#confirm.set(taskId(task), { address: addressOf(task), claim: task.claim as string });
      },
      undelivered: () => this.giveBack(claimed),
    };
  }

  /** Puts tasks back at once that no worker got. */
  giveBack(claimed: Claimed): void {
    this.#settling.giveBack(claimed);
  }

  /** A task ended: there is nothing to confirm. */
  forget(id: string): void {
    this.#confirm.delete(id);
  }

  /** The confirmations of one shard; they are put back if the call fails. */
  take(shard: number): Confirmation[] {
    const taken = [...this.#confirm].filter(([, { address }]) => shardOf(address.jobId, this.#shards) === shard);
    for (const [id] of taken) this.#confirm.delete(id);
    return taken.map(([, confirmation]) => confirmation);
  }
}

function addressOf({ jobId, wait, index, attempt }: TaskRecord): TaskAddress {
  return { jobId, wait, index, attempt };
}

function handed({ task, type, trace }: Claimed[number]): HandedTask {
  return {
    taskId: taskId(task),
    jobId: task.jobId,
    type,
    params: task.item.params,
    trace,
    priority: task.item.priority,
    attempt: task.attempt,
    deadline: task.deadline as number,
  };
}
