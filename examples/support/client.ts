// A client in a few lines of fetch: what a program in any language would do.

export interface JobView {
  job_id: string;
  status: string;
  current_state: string;
  // biome-ignore-start lint/suspicious/noExplicitAny: it is whatever the job's handlers made of it
  state_history: Record<string, any>;
  result: any;
  waiting_for: any;
  // biome-ignore-end lint/suspicious/noExplicitAny: see above
  error_message: string | null;
  child_job_ids: string[];
}

export class Client {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Creates a job; `path` is the blueprint's, like `/api/v1/jobs/my_flow`. */
  async create(path: string, initialData: object = {}): Promise<string> {
    const { job_id } = await this.call<{ job_id: string }>("POST", path, { initial_data: initialData });
    return job_id;
  }

  /** The job, once it has ended. */
  async end(jobId: string): Promise<JobView> {
    const job = await this.call<JobView>("GET", `/api/v1/jobs/${jobId}?wait=30`);
    if (["finished", "failed", "cancelled", "quarantined"].includes(job.status)) return job;
    throw new Error(`job ${jobId} is still ${job.status} in state ${job.current_state}`);
  }

  /** Creates a job and waits for its end. */
  async run(path: string, initialData: object = {}): Promise<JobView> {
    return this.end(await this.create(path, initialData));
  }

  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { "x-client-token": this.#token, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer as T;
  }
}
