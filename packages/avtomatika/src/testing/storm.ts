import type { Random } from "#testing/random";
import { type FaultCounter, type FaultRates, noFaults } from "#testing/simulated-store";
import type { Stage } from "#testing/stage";
import type { TaskFunction } from "#testing/test-worker";
import { TransientError } from "#testing/worker-errors";

/** Bounds that leave a blueprint with the default retries always enough of them. */
const mostEngineDeaths = 4;
const mostWorkerDeaths = 1;
const mostLostTasks = 1;

/** The faults of one seed: engines and workers die, calls and messages get lost or doubled, tasks fail once. */
export class Storm implements FaultCounter {
  readonly counts = new Map<string, number>();
  readonly rates: FaultRates;
  readonly #random: Random;
  #engineDeaths: number;
  #workerDeaths: number;
  #lostTasks = mostLostTasks;
  #over = false;

  constructor(random: Random) {
    this.#random = random;
    this.rates = drawRates(random);
    this.#engineDeaths = random.int(0, mostEngineDeaths);
    this.#workerDeaths = random.int(0, mostWorkerDeaths);
  }

  add(name: string): void {
    const plain = name.replace(/^fault /, "");
    this.counts.set(plain, (this.counts.get(plain) ?? 0) + 1);
  }

  /** From here on everything goes well. */
  end(stage: Stage): void {
    this.#over = true;
    stage.state.rates = noFaults;
  }

  losesTasks(): boolean {
    if (this.#over || this.#lostTasks === 0 || !this.#random.chance(this.rates.handOverLost)) return false;
    this.#lostTasks -= 1;
    this.add("task lost on its way");
    return true;
  }

  /** A handler has run: its engine may die before it sends the outcome to the store. */
  afterRun(stage: Stage): void {
    if (this.#mayKillEngine(0.15)) this.#killEngine(stage);
  }
  /** A store call was applied: the engine may die before it knows. */
  afterCall(stage: Stage): void {
    if (this.#mayKillEngine(0.02)) stage.time.after(this.#random.next() * 3, () => this.#killEngine(stage));
  }

  #mayKillEngine(probability: number): boolean {
    if (this.#over || this.#engineDeaths === 0 || !this.#random.chance(probability)) return false;
    this.#engineDeaths -= 1;
    return true;
  }

  #killEngine(stage: Stage): void {
    if (!stage.host.process.alive) return;
    this.add("engine killed");
    stage.kill();
    stage.time.after(this.#random.int(0, 3000), () => void stage.boot());
  }

  /** A worker's function that takes its time, fails at times, and dies with its process. */
  sabotage(stage: Stage, type: string, perform: TaskFunction): TaskFunction {
    return async (params, context) => {
      await context.sleep(this.#random.int(0, 2000));
      if (this.#over) return perform(params, context);
      const fails = context.attempt === 1 && this.#random.chance(0.15);
      const dies = this.#workerDeaths > 0 && this.#random.chance(0.15);
      const isDone = this.#random.chance(0.5);
      if (fails) this.add("task failed");
      if (fails && !isDone) throw new TransientError("a planted fault: before the work");
      if (dies) this.#killWorker(stage, type, perform);
      if (dies && !isDone) return new Promise(() => {});
      const result = await perform(params, context);
      if (fails) throw new TransientError("a planted fault: after the work");
      return result;
    };
  }

  #killWorker(stage: Stage, type: string, perform: TaskFunction): void {
    this.#workerDeaths -= 1;
    this.add("worker killed");
    stage.workers.get(type)?.process.kill();
    stage.time.after(this.#random.int(0, 5000), () => this.hire(stage, type, perform));
  }

  /** A worker for a type of task. */
  hire(stage: Stage, type: string, perform: TaskFunction): void {
    stage.worker(type, this.sabotage(stage, type, perform), {}, () => this.losesTasks());
  }
}

function drawRates(random: Random): FaultRates {
  const scale = random.pick([0, 1, 1, 2]);
  const rate = (most: number): number => random.next() * most * scale;
  return {
    notApplied: rate(0.03),
    replyLost: rate(0.03),
    twice: rate(0.05),
    bellLost: 0,
    bellDoubled: rate(0.1),
    bellLate: rate(0.1),
    messageLost: rate(0.03),
    messageDoubled: rate(0.05),
    messageLate: rate(0.03),
    handOverLost: rate(0.04),
  };
}
