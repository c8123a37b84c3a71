import type { StoreDump } from "avtomatika/internal/storage/testkit/dump";
import { Random } from "../simulate/random.ts";
import { DumpCheck } from "./check-dump.ts";
import { checkEnd } from "./check-end.ts";
import { EngineRuns } from "./engine-runs.ts";
import { pause } from "./http-caller.ts";
import { type Fact, JournalReader } from "./journal.ts";
import type { KilledStore } from "./killed-store.ts";
import { KnownFacts } from "./known-facts.ts";
import type { News, Order, Setup } from "./messages.ts";
import { checkQuota, quotaFor } from "./metered.ts";
import { TestProcess } from "./processes.ts";
import type { Verdict } from "./verdict.ts";

const workerCount = 3;
const leastOpen = 50;
/** How long the load may take to be there, and everything to come to rest. */
const patienceMs = 90_000;
/** Of so many lives one ends with the store instead of an engine, where that is a process too. */
const storeKillEvery = 5;

/** The load, the kills, and the looks at what they left. */
export class Storm {
  readonly facts: KnownFacts;
  readonly #verdict: Verdict;
  readonly #store: KilledStore;
  readonly #random: Random;
  readonly #engines: EngineRuns;
  readonly #reader: JournalReader;
  readonly #check: DumpCheck;
  readonly #setup: Omit<Setup, "number" | "calm">;
  #others: TestProcess[] = [];
  /** What was learnt while the store was read: it may have come too late to be found there. */
  #unheld: Fact[] = [];
  #hearClient: (news: News) => void = () => {};
  kills = 0;
  /** Those of them that hit the store. */
  storeKills = 0;
  jobs = 0;
  /** Jobs of the client with a quota. */
  metered = 0;

  constructor(setup: Omit<Setup, "number" | "calm">, store: KilledStore, verdict: Verdict) {
    this.#setup = setup;
    this.#verdict = verdict;
    this.#store = store;
    this.#random = new Random(setup.seed * 2654435761 + 3);
    this.#engines = new EngineRuns(setup, (urls) => this.#spread(urls));
    this.#reader = new JournalReader(setup.folder);
    this.facts = new KnownFacts(verdict);
    this.#check = new DumpCheck(this.facts, verdict);
  }

  /** In milliseconds. */
  get slowest(): { start: number; recovery: number } {
    return { start: this.#engines.slowestStart, recovery: this.#engines.slowestRecovery };
  }

  /** Ends early with what is wrong. */
  async run(kills: number): Promise<void> {
    this.#startOthers();
    if (this.#store.isShared) await this.#startFirst();
    while (this.kills < kills) {
      await this.#oneLife();
      this.kills += 1;
      const { open } = await this.#look();
      if (open < leastOpen) this.#verdict.report("other", `only ${open} jobs were open at the kill ${this.kills}`);
      if (this.#verdict.isBad) return;
    }
    await this.#comeToRest();
    const { dump } = await this.#look();
    checkEnd(dump, await this.#store.readBodies(dump), this.facts, this.#verdict);
    this.metered = checkQuota(dump, this.facts, this.#verdict, { quota: quotaFor(kills), wasted: kills });
  }

  #startOthers(): void {
    const client = new TestProcess("client", { ...this.#setup, number: 0, calm: false });
    client.onNews = (news) => this.#hearClient(news);
    const workers = Array.from(
      { length: workerCount },
      (_, number) => new TestProcess("worker", { ...this.#setup, number, calm: false }),
    );
    this.#others = [client, ...workers];
    for (const one of this.#others) {
      void one.exited.then(({ code }) => {
        if (code !== 0) this.#verdict.report("other", `a client or worker ended with ${code}`);
      });
    }
  }

  async #startFirst(): Promise<void> {
    this.#engines.start(false);
    await this.#engines.listens();
  }

  /** An engine starts and is killed: at any instant, or by itself at a commit. */
  async #oneLife(): Promise<void> {
    const random = this.#random;
    if (this.#store.crash !== null && this.kills % storeKillEvery === storeKillEvery - 1) return this.#killStore();
    const engine = this.#engines.start(false);
    const inCommit = this.kills % 3 === 2;
    // Not the first one: the jobs have to come from somewhere.
    if (this.kills > 0 && !inCommit && random.chance(0.08)) {
      await pause(random.int(50, 900));
      return this.#kill(engine, "kill at a start");
    }
    await this.#engines.listens();
    await this.#manyOpen();
    await pause(random.chance(0.2) ? random.int(1600, 2500) : random.int(0, 700));
    // Where two share the store it is the older one, and the new one takes over.
    const victim = this.#engines.engines[0] as TestProcess;
    if (!inCommit) return this.#kill(victim, "kill at a random instant");
    const where = this.kills % 2 === 0 ? "in a commit" : "after a commit";
    victim.order({ kind: "die", where, commits: random.int(1, 80) });
    const late = pause(patienceMs).then(() => {
      throw new Error("the engine made no commit");
    });
    await Promise.race([victim.exited, late]);
    await this.#ended(victim, `kill ${where}`);
  }

  async #killStore(): Promise<void> {
    await this.#manyOpen();
    await pause(this.#random.int(0, 700));
    await this.#store.crash?.(this.#random.int(0, 3000));
    this.#verdict.tally.add("kill of the store");
    this.storeKills += 1;
  }

  async #kill(engine: TestProcess, name: string): Promise<void> {
    engine.signal("SIGKILL");
    await this.#ended(engine, name);
  }

  async #ended(engine: TestProcess, name: string): Promise<void> {
    const { code, signal } = await this.#engines.gone(engine);
    if (signal !== "SIGKILL") throw new Error(`the engine was not killed, but ended with ${code ?? signal}`);
    this.#verdict.tally.add(name);
  }

  /** What is known now has to be in the store, and what is in the store has to be known afterwards. */
  async #look(): Promise<{ dump: StoreDump; open: number }> {
    const upMs = this.#store.isShared ? 0 : this.#engines.upMs;
    const news = [...this.#unheld, ...this.#learn()];
    const dump = await this.#store.inspect();
    this.#unheld = this.#learn();
    const open = this.#check.look(dump, news, upMs);
    this.jobs = dump.shards[0]?.jobs.length ?? 0;
    if (this.#engines.engines.some(({ over }) => over)) this.#verdict.report("other", "an engine ended by itself");
    return { dump, open };
  }

  #learn(): Fact[] {
    const news = this.#reader.read();
    for (const fact of news) this.facts.learn(fact);
    return news;
  }

  /** No more faults: everything ends, and the engine stops in good order. */
  async #comeToRest(): Promise<void> {
    const engine = this.#engines.start(true);
    await this.#engines.listens();
    for (const other of this.#engines.engines.slice(0, -1)) await this.#stop(other);
    this.#tell({ kind: "calm" });
    let quiet = 0;
    await this.#news((news) => {
      if (news.kind !== "open") return false;
      quiet = news.jobs === 0 && news.quarantined === 0 ? quiet + 1 : 0;
      return quiet >= 10;
    }, "not everything came to rest");
    (this.#others[0] as TestProcess).order({ kind: "end" });
    await this.#news(({ kind }) => kind === "done", "the client didn't end");
    await this.#stop(engine);
    for (const worker of this.#others.slice(1)) worker.order({ kind: "end" });
    await Promise.all(this.#others.slice(1).map(({ exited }) => exited));
  }

  async #stop(engine: TestProcess): Promise<void> {
    engine.signal("SIGTERM");
    const late = pause(45_000).then(() => {
      throw new Error("the engine didn't stop");
    });
    const { code, signal } = await Promise.race([this.#engines.gone(engine), late]);
    if (code !== 0) throw new Error(`the engine stopped with ${code ?? signal}`);
  }

  #manyOpen(): Promise<void> {
    const least = leastOpen + 15;
    return this.#news((news) => news.kind === "open" && news.jobs >= least, "there were too few open jobs");
  }

  /** Each is sent to one of the engines. */
  #spread(urls: readonly string[]): void {
    for (const [at, one] of this.#others.entries()) one.order({ kind: "url", url: urls[at % urls.length] ?? null });
  }

  #tell(order: Order): void {
    for (const one of this.#others) one.order(order);
  }

  /** Resolves with the first news of the client that fit. */
  #news(fits: (news: News) => boolean, otherwise: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${otherwise} after ${patienceMs} ms`)), patienceMs);
      this.#hearClient = (news) => {
        if (!fits(news)) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
