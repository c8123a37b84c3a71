import { type Contract, contractOf } from "../contract/contract.ts";
import type { Random } from "../simulate/random.ts";
import { type Answer, type Attack, objectOf } from "./attack.ts";
import type { AttackedEngine } from "./attacked-engine.ts";
import { Connection } from "./connection.ts";
import { faultOf, formFault, leakOf } from "./judge.ts";
import { Pools } from "./pools.ts";
import { answersIn, type Speech, say } from "./raw-sockets.ts";
import { shapeOf } from "./shapes.ts";
import { type Route, surfaceOf } from "./surface.ts";
import { Table } from "./table.ts";

const rawRow = "sockets";
/** What may lead to no route, or to another one. */
const astray = ["another path", "another method"];

/** Sends requests to the engine, judges every answer and remembers what was accepted. */
export class Run {
  readonly pools = new Pools();
  readonly table = new Table();
  readonly faults: string[] = [];
  readonly engine: AttackedEngine;
  readonly contract: Contract;
  /** By their names. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly #connection: Connection;
  #requests = 0;

  private constructor(engine: AttackedEngine, connection: Connection, document: string) {
    this.engine = engine;
    this.#connection = connection;
    this.contract = contractOf(document);
    const routes = surfaceOf(this.contract.document, engine.routes);
    this.routes = new Map(routes.map((route) => [route.name, route]));
  }

  /** Reads the engine's document: what is attacked, and what its answers have to be. */
  static async against(engine: AttackedEngine): Promise<Run> {
    const connection = new Connection(engine.port);
    const answer = await connection.send({ method: "GET", path: "/_public/openapi.json", headers: {}, body: null });
    if (answer?.status !== 200) throw new Error(`the engine has no document: ${answer?.status} ${answer?.text}`);
    return new Run(engine, connection, answer.text);
  }

  get requests(): number {
    return this.#requests;
  }

  /** Sends it and takes in what its answer tells; null if the connection was cut. */
  async attack(attack: Attack, random: Random): Promise<Answer | null> {
    this.#requests += 1;
    const answer = await this.#connection.send(attack).catch((error: Error) => error);
    if (answer instanceof Error) {
      this.#blame(attack, null, answer.message);
      return null;
    }
    if (answer === null) {
      this.table.count(attack.route, "cut");
      this.#blame(attack, null, "the connection was cut");
      return null;
    }
    this.table.count(attack.route, `${Math.floor(answer.status / 100)}xx`);
    const fault = faultOf(attack, answer, this.pools.secrets, this.engine.hidden) ?? this.#breach(attack, answer);
    if (fault !== null) this.#blame(attack, answer, fault);
    this.#learn(attack, answer, random);
    return answer;
  }

  /** Says something over a socket of its own. */
  async speak(speech: Speech): Promise<void> {
    this.#requests += 1;
    const heard = await say(speech, this.engine.port);
    const answers = answersIn(heard);
    if (answers.length === 0) this.table.count(rawRow, "cut");
    for (const answer of answers) {
      this.table.count(rawRow, `${Math.floor(answer.status / 100)}xx`);
      const isError = answer.status >= 300;
      const wrong =
        answer.status >= 500
          ? `it was answered ${answer.status}`
          : isError
            ? formFault({ ...answer, link: null }, this.pools.secrets)
            : null;
      const fault = wrong ?? leakOf(answer, this.engine.hidden);
      if (fault !== null) this.faults.push(`${speech.kind}: ${fault}: ${short(speech.text)} => ${short(heard)}`);
    }
    const statuses = answers.map((answer) => answer.status);
    if (speech.statuses !== undefined && String(speech.statuses) !== String(statuses)) {
      this.faults.push(
        `${speech.kind}: expected ${speech.statuses}, got ${statuses}: ${short(speech.text)} => ${short(heard)}`,
      );
    }
    for (const { status, text } of answers) {
      const { job_id: jobId } = objectOf({ text } as Answer);
      if (status === 202 && typeof jobId === "string") this.pools.accepted.set(jobId, "quick");
    }
  }

  blame(what: string): void {
    this.faults.push(what);
  }

  close(): void {
    this.#connection.close();
  }

  /** Where the answer isn't as the document has it. */
  #breach({ route, kind, method }: Attack, answer: Answer): string | null {
    const found = this.routes.get(route);
    if (found === undefined || astray.includes(kind)) return null;
    return this.contract.answerFault(found.verb, found.path, { ...answer, headersOnly: method === "HEAD" });
  }

  #learn({ route, method }: Attack, answer: Answer, random: Random): void {
    if (method === "HEAD" || answer.status >= 300) return;
    this.pools.learn(answer, random);
    const creates = shapeOf(route)?.creates;
    if (creates === undefined) return;
    const { job_id: jobId, jobs } = objectOf(answer);
    const created = Array.isArray(jobs) ? jobs.map((each) => each.job_id) : [jobId];
    for (const id of created) if (typeof id === "string") this.pools.created(creates, id, random);
  }

  #blame({ kind, method, path, headers, body }: Attack, answer: Answer | null, fault: string): void {
    const sent = `${method} ${short(path)} ${short(JSON.stringify(headers))} ${short(body?.toString() ?? "")}`;
    this.faults.push(
      `${kind}: ${fault}: ${sent}${answer === null ? "" : ` => ${answer.status} ${short(answer.text)}`}`,
    );
  }
}

function short(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}… (${text.length})`;
}
