import type { JsonObject } from "avtomatika/internal/core/json";
import { hasEnded } from "avtomatika/internal/core/status";
import type { Caller } from "avtomatika/internal/engine/orchestrator";
import type { Host, Network } from "avtomatika/internal/testing/network";
import { Process } from "avtomatika/internal/testing/process";
import type { Random } from "avtomatika/internal/testing/random";
import type { VirtualTime } from "avtomatika/internal/testing/virtual-time";
import type { Ledger } from "./ledger.ts";

const who: Caller = { clientId: "client", admin: false };

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
  async drive(key: string, blueprint: string): Promise<void> {
    const { random } = this.#world;
    this.pending += 1;
    await this.#sleep(random.int(0, 60_000));
    const jobId = await this.#create(key, blueprint);
    this.jobs.push(jobId);
    if (random.chance(0.2)) await this.#create(key, blueprint);
    this.pending -= 1;
    if (random.chance(0.15)) {
      await this.#sleep(random.int(0, 60_000));
      await this.#cancel(jobId);
    }
  }

  /** Decides, requeues and discards whatever waits for a person, until `done`. */
  async attend(done: () => boolean, everyMs: number): Promise<void> {
    while (!done()) {
      await this.#sleep(everyMs);
      for (const { id, kind } of await this.#waiting()) {
        if (kind === "human") await this.#decide(id);
        else if (kind === "operator") await this.#order(id);
      }
    }
  }

  async #create(key: string, blueprint: string): Promise<string> {
    const { ledger, random } = this.#world;
    const initialData: JsonObject = { key, urgent: random.chance(0.5) };
    const creation = {
      blueprint,
      initialData,
      client: { id: who.clientId, plan: null, params: {} },
      idempotency: { key, fingerprint: key },
      priority: random.int(-2, 2),
      dispatchTimeoutMs: random.chance(0.1) ? 40_000 : null,
      resultTimeoutMs: random.chance(0.15) ? random.int(20_000, 120_000) : null,
      metadata: { key },
      trace: {},
      watched: random.chance(0.5),
    };
    const [result] = await this.#insist((engine) => engine.createJobs([creation]));
    if (result === undefined || result.outcome === "conflict" || result.outcome === "invalid")
      throw new Error("the creation was refused");
    ledger.acknowledged(key, result.jobId);
    return result.jobId;
  }

  async #cancel(jobId: string): Promise<void> {
    const outcome = await this.#insist((engine) => engine.cancel(who, jobId));
    if (outcome === "accepted") this.#world.ledger.cancelled.add(jobId);
  }

  async #decide(jobId: string): Promise<void> {
    const decision = { decision: this.#world.random.pick(["yes", "no"]), comment: null, metadata: null };
    await this.#try((engine) => engine.decide(who, jobId, decision));
  }

  async #order(jobId: string): Promise<void> {
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
  async #waiting(): Promise<{ id: string; kind: string }[]> {
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
