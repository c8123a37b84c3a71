import { type AvtomatikaClientOptions, readOptions } from "#client/client-options";
import { Creator } from "#create/creator";
import { Endpoints } from "#create/endpoints";
import { Approvals } from "#fleet/approvals";
import { Blueprints } from "#fleet/blueprints";
import type { Dashboard } from "#fleet/dashboard";
import { Quarantine } from "#fleet/quarantine";
import { Workers } from "#fleet/workers";
import { Caller, type CallOptions } from "#http/caller";
import { checkOptions } from "#http/check-options";
import { Connection } from "#http/connection";
import { readObject } from "#http/read-answer";
import { Jobs } from "#jobs/jobs";

/** A client of one engine, or of several behind one address. One is enough for a program: it keeps its connections. */
export class AvtomatikaClient {
  readonly jobs: Jobs;
  readonly approvals: Approvals;
  readonly quarantine: Quarantine;
  readonly workers: Workers;
  readonly blueprints: Blueprints;
  readonly #caller: Caller;
  readonly #base: string;

  /** Connects with the first call. Throws AvtomatikaError `invalid_argument`. */
  constructor(options: AvtomatikaClientOptions) {
    const { url, token, apiPrefix, timeoutMs, retry } = readOptions(options);
    const caller = new Caller(new Connection(url, token, timeoutMs), retry);
    const base = `/${apiPrefix}/v1`;
    this.#caller = caller;
    this.#base = base;
    this.blueprints = new Blueprints(caller, base);
    this.jobs = new Jobs(caller, new Creator(caller, new Endpoints(apiPrefix, this.blueprints)), base);
    this.approvals = new Approvals(caller, base);
    this.quarantine = new Quarantine(caller, base);
    this.workers = new Workers(caller, base);
  }

  /** Workers by what they do, and own jobs (an admin's: all) by their status. */
  async dashboard(options: CallOptions = {}): Promise<Dashboard> {
    checkOptions("dashboard", options, ["signal"]);
    const path = `${this.#base}/dashboard`;
    return readObject(await this.#caller.call({ method: "GET", path, ...options })) as Dashboard;
  }

  /** Lets requests under way end, then closes the connections; further calls reject with `client_closed`. A program may also just end. */
  close(): Promise<void> {
    return this.#caller.close();
  }
}
