import type { Caller, CallOptions } from "#http/caller";
import { checkOptions } from "#http/check-options";
import { encodeJson } from "#http/encode-json";
import { segment } from "#http/segment";

export interface DecideOptions extends CallOptions {
  /** Kept with the decision in the job's `stateHistory.approval`, as is `metadata`. */
  comment?: string | undefined;
  metadata?: unknown;
}

/** Decisions that jobs wait for. */
export class Approvals {
  readonly #caller: Caller;
  readonly #base: string;

  constructor(caller: Caller, base: string) {
    this.#caller = caller;
    this.#base = base;
  }

  /**
   * Decides; the first decision counts.
   * @throws AvtomatikaError `invalid_request` for one that isn't offered, `conflict` if the job doesn't wait for any, `not_found`
   */
  async decide(
    jobId: string,
    decision: string,
    options: DecideOptions = {},
  ): Promise<{ status: "approval_received"; jobId: string }> {
    checkOptions("approvals.decide", options, ["comment", "metadata", "signal"]);
    const { comment, metadata, signal } = options;
    const path = `${this.#base}/jobs/${segment(jobId, "jobId")}/approval`;
    const body = encodeJson({ decision, comment, metadata }, "decision");
    await this.#caller.call({ method: "POST", path, body, signal });
    return { status: "approval_received", jobId };
  }
}
