import type { JsonObject } from "avtomatika/internal/core/json";
import { hasEnded } from "avtomatika/internal/core/status";
import type { Caller } from "avtomatika/internal/engine/orchestrator";
import type { Host, Network } from "avtomatika/internal/testing/network";
import { Process } from "avtomatika/internal/testing/process";
import type { Random } from "avtomatika/internal/testing/random";
import type { VirtualTime } from "avtomatika/internal/testing/virtual-time";
import type { Ledger } from "./ledger.ts";

/** Who creates jobs, and how many it may create in a month. */
export interface Owner {
  clientId: string;
  monthlyAttempts: number | null;
}

const client: Owner = { clientId: "client", monthlyAttempts: null };
export const metered: Owner = { clientId: "metered", monthlyAttempts: 6 };

interface Surroundings {
  network: Network;
  time: VirtualTime;
  random: Random;
  ledger: Ledger;
}

/** Clients: they create jobs, decide, cancel, requeue and discard, and remember what they were told. */
export class SimulatedClient {
  readonly #world: Surroundings;
  readonly #process: Process;
  readonly jobs: string[] = [];
  pending = 0;

  constructor(world: Surroundings) {
    this.#world = world;
    this.#process = new Process(world.time);
  }

  /** One job and all that happens to it from outside. */
  async drive(key: string, blueprint: string, owner: Owner = client): Promise<void> {
    const { random } = this.#world;
    this.pending += 1;
    await this.#sleep(random.int(0, owner === client ? 60_000 : 100_000));
    const jobId = await this.#create(key, blueprint, owner);
    if (jobId !== null) this.jobs.push(jobId);
    if (random.chance(owner === client ? 0.2 : 0.5)) await this.#create(key, blueprint, owner);
    if (owner !== client && random.chance(0.3)) await this.#conflict(key, blueprint, owner);
    this.pending -= 1;
    if (jobId !== null && random.chance(0.15)) {
      await this.#sleep(random.int(0, 60_000));
      await this.#cancel(jobId, owner);
    }
  }

  /** Decides, requeues and discards whatever waits for a person, until `done`. */
  async attend(done: () => boolean, everyMs: number, owner: Owner = client): Promise<void> {
    const who = callerOf(owner);
    while (!done()) {
      await this.#sleep(everyMs);
      for (const { id, kind } of await this.#waiting(who)) {
        if (kind === "human") await this.#decide(id, who);
        else if (kind === "operator") await this.#order(id, who);
      }
    }
  }

  /** The job's id, or null if the owner's quota was used up. */
  async #create(key: string, blueprint: string, owner: Owner): Promise<string | null> {
    const [result] = await this.#insist((engine) => engine.createJobs([this.#creation(key, blueprint, owner)]));
    if (result?.outcome === "over_quota" && owner.monthlyAttempts !== null) return null;
    if (result === undefined || !("jobId" in result) || result.outcome === "conflict")
      throw new Error(`the creation was refused: ${JSON.stringify(result)}`);
    this.#world.ledger.acknowledged(key, result.jobId);
    return result.jobId;
  }

  /** Another request with a key that was used, together with a new one. */
  async #conflict(key: string, blueprint: string, owner: Owner): Promise<void> {
    const other = this.#creation(key, blueprint, owner);
    other.idempotency.fingerprint = "other";
    const extra = this.#creation(`${key}-extra`, blueprint, owner);
    const results = await this.#insist((engine) => engine.createJobs([other, extra]));
    for (const [at, result] of results.entries()) {
      const usedKey = at === 0 ? `${key}-other` : `${key}-extra`;
      if (result.outcome === "created" || result.outcome === "existing")
        this.#world.ledger.acknowledged(usedKey, result.jobId);
    }
  }

  #creation(key: string, blueprint: string, { clientId, monthlyAttempts }: Owner) {
    const { random } = this.#world;
    const initialData: JsonObject = { key, urgent: random.chance(0.5) };
    return {
      blueprint,
      initialData,
      client: { id: clientId, plan: null, params: {}, monthlyAttempts },
      idempotency: { key, fingerprint: key },
      priority: random.int(-2, 2),
      dispatchTimeoutMs: random.chance(0.1) ? 40_000 : null,
      resultTimeoutMs: random.chance(0.15) ? random.int(20_000, 120_000) : null,
      metadata: { key },
      trace: {},
      watched: random.chance(0.5),
    };
  }

  async #cancel(jobId: string, owner: Owner): Promise<void> {
    const outcome = await this.#insist((engine) => engine.cancel(callerOf(owner), jobId));
    if (outcome === "accepted") this.#world.ledger.cancelled.add(jobId);
  }

  async #decide(jobId: string, who: Caller): Promise<void> {
    const decision = { decision: this.#world.random.pick(["yes", "no"]), comment: null, metadata: null };
    await this.#try((engine) => engine.decide(who, jobId, decision));
  }

  async #order(jobId: string, who: Caller): Promise<void> {
    const { random, ledger } = this.#world;
    if (random.chance(0.3)) {
      await this.#try((engine) => engine.discard(who, jobId));
      return;
    }
    const order = {
      state: random.chance(0.5) ? "done" : null,
      patch: random.chance(0.5) ? { patched: true } : undefined,
    };
    const answer = await this.#try((engine) => engine.requeue(who, jobId, order));
    if (answer?.outcome === "accepted") ledger.requeued.set(jobId, (ledger.requeued.get(jobId) ?? 0) + 1);
  }

  /** Own jobs, children included, that only a person can move. */
  async #waiting(who: Caller): Promise<{ id: string; kind: string }[]> {
    const filter = { status: null, blueprint: null, limit: 1000, offset: 0, cursor: null, quarantine: false };
    const page = await this.#try((engine) => engine.listJobs(who, filter));
    return (page?.jobs ?? [])
      .filter((job) => job.wait !== null && (!hasEnded(job.status) || job.status === "quarantined"))
      .map((job) => ({ id: job.id, kind: job.head.waiting?.kind ?? "" }));
  }

  async #try<T>(call: (engine: Host["engine"]) => Promise<T>): Promise<T | null> {
    try {
      return await this.#world.network.request(this.#process, call);
    } catch {
      return null;
    }
  }
  async #insist<T>(call: (engine: Host["engine"]) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.#world.network.request(this.#process, call);
      } catch {
        await this.#sleep(1000);
      }
    }
  }
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#process.after(ms, resolve));
  }
}

function callerOf({ clientId }: Owner): Caller {
  return { clientId, admin: false };
}
