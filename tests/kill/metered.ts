// A client with a quota that is smaller than what it tries: what is created never exceeds it, whenever the engine dies.
import { StateMachineBlueprint } from "avtomatika";
import type { StoreDump } from "avtomatika/internal/storage/testkit/dump";
import type { Random } from "../simulate/random.ts";
import { type Answer, type CallOptions, type HttpCaller, pause } from "./http-caller.ts";
import type { Journal } from "./journal.ts";
import type { KnownFacts } from "./known-facts.ts";
import type { Verdict } from "./verdict.ts";

export const meteredName = "metered";
/** A try that brought no answer may have wasted a unit. */
export const unanswered = "creation without an answer";
export const clientsFile = "clients.toml";
const path = `/api/v1/flows/${meteredName}`;

/** Most of the kills shall fall while there is something left. */
export function quotaFor(kills: number): number {
  return kills * 10 + 30;
}

/** An admin, and the client with the quota. */
export function clientsWith(tokens: { clientToken: string; meteredToken: string }, quota: number): string {
  const metered = `[${meteredName}]\ntoken = "${tokens.meteredToken}"\nmonthly_attempts = ${quota}\n`;
  return `[driver]\ntoken = "${tokens.clientToken}"\nadmin = true\n\n${metered}`;
}

/** What the client with the quota creates. */
export function meteredBlueprint(): StateMachineBlueprint {
  const blueprint = new StateMachineBlueprint({
    name: meteredName,
    apiVersion: "v1",
    apiEndpoint: `/flows/${meteredName}`,
  });
  return blueprint.handlerFor("start", { isStart: true, isEnd: true }, () => {});
}

/** Creates one job after the other, so that at most one is under way when the engine dies. */
export class MeteredClient {
  readonly #http: HttpCaller;
  readonly #journal: Journal;
  readonly #random: Random;
  readonly #created = new Map<string, string>();
  #keys = 0;
  #unanswered = 0;

  constructor(http: HttpCaller, journal: Journal, random: Random) {
    this.#http = http;
    this.#journal = journal;
    this.#random = random;
  }

  /** A new job, or one of before again. */
  async createOne(): Promise<void> {
    const old = this.#created.size > 0 && this.#random.chance(0.2);
    const key = old ? this.#random.pick([...this.#created.keys()]) : `${meteredName}-${this.#keys++}`;
    await this.#create(key, "");
  }

  /** Until nothing is left: units that a crash has wasted stay so. */
  async exhaust(): Promise<void> {
    for (let refused = 0; refused < 10; ) {
      if (!(await this.#create(`${meteredName}-${this.#keys++}`, "?wait=10"))) refused += 1;
    }
    for (const key of this.#created.keys()) await this.#create(key, "");
    this.#journal.write({ kind: "saw", what: unanswered, count: this.#unanswered });
  }

  async #insist(path: string, options: CallOptions): Promise<Answer> {
    for (;;) {
      const answer = await this.#http.attempt("POST", path, options);
      if (answer !== null) return answer;
      this.#unanswered += 1;
      await pause(40);
    }
  }

  /** True if there is a job. */
  async #create(key: string, query: string): Promise<boolean> {
    const options = { body: { initial_data: {}, metadata: { key } }, headers: { "idempotency-key": key } };
    const { status, body } = await this.#insist(path + query, options);
    const former = this.#created.get(key);
    if (status === 429 && body.code === "quota_exceeded" && former === undefined) {
      this.#journal.write({ kind: "saw", what: "creation over the quota", count: 1 });
      return false;
    }
    const isSame = former === undefined || former === body.job_id;
    if ((status !== 200 && status !== 202) || !isSame) {
      const text = `the creation ${key} (${former ?? "new"}) was answered ${status}: ${JSON.stringify(body)}`;
      this.#journal.write({ kind: "wrong", how: "lost", text });
      await pause(1000);
      return false;
    }
    this.#created.set(key, body.job_id);
    if (former === undefined) this.#journal.write({ kind: "created", key, jobId: body.job_id });
    return true;
  }
}

/** I9: at most the quota in each month, and less only by what the tries wasted that nobody answered. Answers how many. */
export function checkQuota(
  dump: StoreDump,
  facts: KnownFacts,
  verdict: Verdict,
  { quota, wasted }: { quota: number; wasted: number },
): number {
  const { jobs, quotas } = dump.shards[0] as StoreDump["shards"][number];
  const created = jobs.filter(({ blueprint }) => blueprint === meteredName).length;
  const told = [...facts.created.keys()].filter((key) => key.startsWith(meteredName)).length;
  const allowed = quota * quotas.length;
  if (created > allowed) verdict.report("doubled", `I9: ${created} jobs were created, ${allowed} are allowed`);
  if (told !== created) verdict.report("lost", `I9: ${created} jobs were created, ${told} were acknowledged`);
  // Over the end of a month the first one needn't be used up.
  if (quotas.length === 1 && created < allowed - wasted) {
    verdict.report(
      "lost",
      `I9: only ${created} of ${allowed} jobs could be created, with ${wasted} tries that may have wasted one`,
    );
  }
  return created;
}
