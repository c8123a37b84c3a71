import type { Caller, CallOptions } from "#http/caller";
import { checkOptions } from "#http/check-options";
import { encodeJson } from "#http/encode-json";
import { segment } from "#http/segment";
import { type JobPage, type PageOptions, pageOptions, pageQuery, readPage } from "#jobs/job-list";

export interface RequeueOptions extends CallOptions {
  /** Where it goes on; where it stopped by default. */
  state?: string | undefined;
  /** A JSON merge patch of its `stateHistory`. */
  patch?: Record<string, unknown> | undefined;
}

/** Jobs that need an operator. */
export class Quarantine {
  readonly #caller: Caller;
  readonly #path: string;

  constructor(caller: Caller, base: string) {
    this.#caller = caller;
    this.#path = `${base}/jobs`;
  }

  /** Those that were not discarded, newest first, page by page. */
  async list(options: PageOptions = {}): Promise<JobPage> {
    checkOptions("quarantine.list", options, pageOptions);
    const path = `${this.#path}/quarantined${pageQuery(options)}`;
    return readPage(await this.#caller.call({ method: "GET", path, signal: options.signal }));
  }

  /** Puts a job back. Throws `conflict` for one that isn't in quarantine, `invalid_request` for an unknown state. */
  async requeue(jobId: string, options: RequeueOptions = {}): Promise<{ status: "requeued"; jobId: string }> {
    checkOptions("quarantine.requeue", options, ["state", "patch", "signal"]);
    const { state, patch, signal } = options;
    const body = encodeJson({ state, patch }, "requeue");
    await this.#caller.call({ method: "POST", path: `${this.#at(jobId)}/requeue`, body, signal });
    return { status: "requeued", jobId };
  }

  /** Takes a job off the list; it stays quarantined. Throws `conflict` for one that isn't. */
  async discard(jobId: string, options: CallOptions = {}): Promise<{ status: "discarded"; jobId: string }> {
    checkOptions("quarantine.discard", options, ["signal"]);
    await this.#caller.call({ method: "POST", path: `${this.#at(jobId)}/discard`, ...options });
    return { status: "discarded", jobId };
  }

  #at(jobId: string): string {
    return `${this.#path}/${segment(jobId, "jobId")}`;
  }
}
