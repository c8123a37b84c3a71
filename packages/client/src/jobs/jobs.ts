import { type CreateOptions, createOptions } from "#create/creation";
import { readJobId } from "#create/creation-answer";
import type { CreatedJob, Creator } from "#create/creator";
import type { Caller, CallOptions } from "#http/caller";
import { checkOptions } from "#http/check-options";
import { readObject } from "#http/read-answer";
import { segment } from "#http/segment";
import { Deadline } from "#jobs/deadline";
import { type JobExplanation, readExplanation } from "#jobs/explanation";
import { type JobPage, type ListOptions, pageOptions, pageQuery, readPage } from "#jobs/job-list";
import { hasEnded } from "#jobs/job-status";
import { type JobView, readJobView, type UserData } from "#jobs/job-view";
import { checkResult, type StandardSchema } from "#jobs/result-schema";
import { waitForEnd } from "#jobs/wait-for-end";

export interface WaitOptions<Result = UserData> extends CallOptions {
  /** How long to wait; without it as long as it takes. */
  timeoutMs?: number | undefined;
  /** Checks the result of a finished job, and types it. */
  resultSchema?: StandardSchema<Result> | undefined;
}

export interface RunOptions<Result = UserData> extends CreateOptions, WaitOptions<Result> {}

/** `sent`: a connected worker was told. Either way no result or timer of the job counts any more. */
export interface CancelAnswer {
  status: "cancellation_request_sent" | "cancellation_request_accepted";
}

const waitOptions = ["timeoutMs", "resultSchema", "signal"] as const;

/** Jobs: to create, to wait for, to look at, to cancel. */
export class Jobs {
  readonly #caller: Caller;
  readonly #creator: Creator;
  readonly #path: string;

  /** `base` is the path before `/jobs`. */
  constructor(caller: Caller, creator: Creator, base: string) {
    this.#caller = caller;
    this.#creator = creator;
    this.#path = `${base}/jobs`;
  }

  /**
   * Creates a job. `target` is a path (it has a slash; below `v1` unless it begins with the API prefix) or the name of a
   * blueprint. Creations of one tick travel together; repeats after a lost answer create nothing twice.
   * @throws AvtomatikaError `invalid_request` with what is wrong with the data, `idempotency_conflict`, `not_found` …
   */
  async create<Input extends object = UserData>(
    target: string,
    initialData: Input = {} as Input,
    options: CreateOptions = {},
  ): Promise<CreatedJob> {
    checkOptions("jobs.create", options, createOptions);
    return this.#creator.create(target, initialData, options);
  }

  /** A job as it is. Throws `not_found`, also for somebody else's. */
  async get<Input extends object = UserData, Result = UserData>(
    jobId: string,
    options: CallOptions = {},
  ): Promise<JobView<Input, Result>> {
    checkOptions("jobs.get", options, ["signal"]);
    const { body } = await this.#caller.call({ method: "GET", path: this.#at(jobId), ...options });
    return readJobView(body);
  }

  /**
   * A job as soon as it has ended, however it did: look at its `status`.
   * @throws TimeoutError after `timeoutMs`; AvtomatikaError `not_found`, `invalid_result`
   */
  async wait<Input extends object = UserData, Result = UserData>(
    jobId: string,
    options: WaitOptions<Result> = {},
  ): Promise<JobView<Input, Result>> {
    checkOptions("jobs.wait", options, waitOptions);
    const path = this.#at(jobId);
    const deadline = new Deadline(options.timeoutMs, options.signal);
    deadline.jobId = jobId;
    try {
      const body = await waitForEnd(this.#caller, path, deadline);
      return await checkResult(readJobView<Input, Result>(body), options.resultSchema);
    } finally {
      deadline.clear();
    }
  }

  /**
   * Creates a job and waits for its end, with one request if that comes within 30 seconds.
   * @throws what `create` and `wait` throw; a TimeoutError has the `jobId`, and the job goes on
   */
  async run<Input extends object = UserData, Result = UserData>(
    target: string,
    initialData: Input = {} as Input,
    options: RunOptions<Result> = {},
  ): Promise<JobView<Input, Result>> {
    checkOptions("jobs.run", options, [...createOptions, ...waitOptions]);
    const { timeoutMs, resultSchema, signal, ...creation } = options;
    const deadline = new Deadline(timeoutMs, signal);
    try {
      const body = await this.#runUntil(deadline, target, initialData, { ...creation, signal: deadline.signal });
      return await checkResult(readJobView<Input, Result>(body), resultSchema);
    } finally {
      deadline.clear();
    }
  }

  /** Why a job is where it is, in words and as data. Throws `not_found`. */
  async explain(jobId: string, options: CallOptions = {}): Promise<JobExplanation> {
    checkOptions("jobs.explain", options, ["signal"]);
    const path = `${this.#at(jobId)}/explain`;
    return readExplanation(await this.#caller.call({ method: "GET", path, ...options }));
  }

  /** Cancels a job: once this resolves it is final. Throws `conflict` if the job has ended, `not_found`. */
  async cancel(jobId: string, options: CallOptions = {}): Promise<CancelAnswer> {
    checkOptions("jobs.cancel", options, ["signal"]);
    const path = `${this.#at(jobId)}/cancel`;
    return readObject(await this.#caller.call({ method: "POST", path, ...options })) as CancelAnswer;
  }

  /** Own jobs (an admin's: all), newest first, page by page. */
  async list(options: ListOptions = {}): Promise<JobPage> {
    checkOptions("jobs.list", options, ["status", ...pageOptions]);
    const path = this.#path + pageQuery(options);
    return readPage(await this.#caller.call({ method: "GET", path, signal: options.signal }));
  }

  async #runUntil(deadline: Deadline, target: string, initialData: object, options: CreateOptions): Promise<unknown> {
    const answer = await this.#creator.createAndHold(target, initialData, options, () => deadline.holdMs());
    if (hasEnded((answer.body as { status?: unknown } | null)?.status)) return answer.body;
    deadline.jobId = readJobId(answer);
    if (deadline.isOver) throw deadline.error();
    return waitForEnd(this.#caller, this.#at(deadline.jobId), deadline);
  }

  #at(jobId: string): string {
    return `${this.#path}/${segment(jobId, "jobId")}`;
  }
}
