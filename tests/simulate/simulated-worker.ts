import type { Json } from "avtomatika/internal/core/json";
import type { HandedTask, ResultMessage } from "avtomatika/internal/engine/orchestrator";
import type { Host, Network } from "avtomatika/internal/testing/network";
import { Process } from "avtomatika/internal/testing/process";
import type { Random } from "avtomatika/internal/testing/random";
import type { StoreSwitch } from "avtomatika/internal/testing/simulated-store";
import type { VirtualTime } from "avtomatika/internal/testing/virtual-time";
import type { Ledger } from "./ledger.ts";
import { taskTypes } from "./random-blueprint.ts";
import type { Tally } from "./tally.ts";

const heartbeatMs = 15_000;
const pollMs = 30_000;

interface Surroundings {
  network: Network;
  time: VirtualTime;
  random: Random;
  ledger: Ledger;
  tally: Tally;
  state: StoreSwitch;
}

/** A worker process: registers, polls, works, reports, as the existing SDKs do. */
export class SimulatedWorker {
  readonly id: string;
  readonly process: Process;
  readonly #world: Surroundings;
  readonly #running = new Set<string>();
  readonly #limit: number;
  readonly #batch: number;
  readonly #abilities: Abilities;
  readonly #skewMs: number;
  #healthy = false;

  constructor(id: string, abilities: Abilities, world: Surroundings) {
    this.id = id;
    this.#world = world;
    this.process = new Process(world.time);
    this.#limit = world.random.int(1, 4);
    this.#batch = world.random.pick([1, 1, 5]);
    this.#abilities = abilities;
    this.#skewMs = world.random.chance(0.5) ? world.random.int(-600_000, 600_000) : 0;
    if (this.#skewMs !== 0) world.tally.add("fault worker clock skewed");
    void this.#live();
  }

  /** From now on it answers every task, and well. */
  heal(): void {
    this.#healthy = true;
  }

  async #live(): Promise<void> {
    const record = { worker_id: this.id, max_concurrent_tasks: this.#limit, current_tasks: [], ...this.#abilities };
    await this.#insist(() => this.#request((engine) => engine.registerWorker(this.id, { ...record })));
    void this.#beat();
    for (;;) {
      if (this.#running.size >= this.#limit) {
        await this.#sleep(50);
        continue;
      }
      for (const task of await this.#poll()) void this.#work(task);
    }
  }

  async #beat(): Promise<void> {
    for (;;) {
      await this.#sleep(heartbeatMs);
      const load = this.#running.size;
      const taskId = [...this.#running][0];
      const progress = taskId === undefined ? {} : { progress: { [taskId]: { progress: 0.5, message: "half" } } };
      await this.#request((engine) => engine.heartbeat(this.id, { load, ...progress })).then(
        ({ cancelTaskIds }) => {
          for (const id of cancelTaskIds) if (this.#running.has(id)) this.#world.ledger.toldToStop.add(id);
        },
        () => {},
      );
    }
  }

  async #poll(): Promise<HandedTask[]> {
    const { random, state, tally } = this.#world;
    const lost = random.chance(state.rates.handOverLost);
    try {
      return await this.#request(async (engine) => {
        const poll = await engine.poll(this.id, {
          limit: this.#batch,
          holdMs: pollMs,
          signal: new AbortController().signal,
        });
        if (poll === null) return [];
        if (poll.tasks.length > 0 && lost) {
          tally.add("fault hand-over lost");
          // The socket may be known to be gone, or the answer may seem to be written.
          if (random.chance(0.5)) poll.undelivered();
          else poll.delivered();
          return [];
        }
        poll.delivered();
        for (const task of poll.tasks) {
          this.#world.ledger.handedOut(task.taskId, this.id);
          if (!this.#abilities.supported_tasks.includes(task.type)) {
            this.#world.ledger.violate(
              `I3: ${this.id} was given ${task.taskId} of type ${task.type}, which it can't do`,
            );
          }
        }
        return poll.tasks;
      });
    } catch {
      await this.#sleep(1000);
      return [];
    }
  }

  async #work(task: HandedTask): Promise<void> {
    const { random, ledger, time } = this.#world;
    if (this.#running.has(task.taskId)) return;
    this.#running.add(task.taskId);
    const deadlineIn = task.deadline - (time.now() + this.#skewMs);
    await this.#sleep(random.chance(0.05) ? random.int(5000, 90_000) : random.int(0, 1500));
    const nonce = random.uuid();
    ledger.executed(task.taskId, this.id, nonce);
    const result = this.#healthy ? success(nonce) : this.#draw(task, nonce, deadlineIn);
    if (result !== null) await this.#report(task, result);
    this.#running.delete(task.taskId);
  }

  async #report(task: HandedTask, report: Result): Promise<void> {
    for (let pause = 1000; pause <= 16_000; pause *= 2) {
      const message = { jobId: task.jobId, taskId: task.taskId, worker: this.id, report };
      try {
        await this.#send(message);
        // An impatient or confused worker sends its result again, sometimes much later.
        if (this.#world.random.chance(0.15)) {
          void this.#sleep(this.#world.random.int(0, 20_000))
            .then(() => this.#send(message))
            .catch(() => {});
        }
        return;
      } catch {
        await this.#sleep(pause);
      }
    }
  }

  async #send(message: ResultMessage): Promise<void> {
    const { ledger } = this.#world;
    const [verdict] = await this.#request((engine) => engine.results([message]));
    if (verdict?.outcome === "applied") ledger.accepted(message.taskId, this.id, verdict.answer);
    else if (verdict !== undefined) ledger.ignored(message.taskId, this.id, verdict.reason);
  }

  #draw(task: HandedTask, nonce: string, deadlineIn: number): Result | null {
    const { random, ledger } = this.#world;
    if (ledger.toldToStop.has(task.taskId) && random.chance(0.7))
      return { status: "cancelled", data: null, error: null };
    if (deadlineIn < 0 && random.chance(0.1)) return null;
    const draw = random.next();
    if (draw < 0.72) return success(nonce);
    if (draw < 0.76) return { status: "needs_review", data: { nonce }, error: null };
    if (draw < 0.79) return { status: "cancelled", data: null, error: null };
    if (draw < 0.82) return null;
    const code = random.pick([
      "TRANSIENT_ERROR",
      "TRANSIENT_ERROR",
      "PERMANENT_ERROR",
      "INVALID_INPUT_ERROR",
      "ODD_ERROR",
    ]);
    return { status: "failure", data: { nonce }, error: { code, message: "no luck" } };
  }

  #request<T>(call: (engine: Host["engine"], host: Host) => Promise<T>): Promise<T> {
    return this.#world.network.request(this.process, call);
  }
  async #insist<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch {
        await this.#sleep(500);
      }
    }
  }
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.process.after(ms, resolve));
  }
}

interface Result {
  status: string;
  data: Json;
  error: { code: string; message: string } | null;
}

export interface Abilities {
  supported_tasks: string[];
  cost_per_second: number;
  resources: { cpu_cores: number };
}

/** The first worker can do everything, so that everything can be done; the others differ. */
export function drawAbilities(index: number, random: Random): Abilities {
  if (index === 0) return { supported_tasks: [...taskTypes], cost_per_second: 1, resources: { cpu_cores: 8 } };
  return {
    supported_tasks: taskTypes.filter(() => random.chance(0.7)),
    cost_per_second: random.int(1, 6),
    resources: { cpu_cores: random.int(1, 4) },
  };
}

function success(nonce: string): Result {
  return { status: "success", data: { nonce }, error: null };
}
