// The client's side of the engine's HTTP API, as far as the demo needs it.

export interface Job {
  job_id: string;
  blueprint_name: string;
  status: string;
  current_state: string;
  result: Record<string, unknown> | null;
  state_history: { chosen?: string; totals?: Record<string, number> };
  error_message: string | null;
  waiting_for: { kind: string; total?: number; open?: number; succeeded?: number; message?: string } | null;
  child_job_ids: string[];
}

export class Api {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async create(path: string, initialData: object): Promise<string> {
    const { job_id } = await this.#call<{ job_id: string }>("POST", path, { initial_data: initialData });
    return job_id;
  }

  job(id: string): Promise<Job> {
    return this.#call("GET", `/api/v1/jobs/${id}`);
  }

  async decide(id: string, decision: string): Promise<void> {
    await this.#call("POST", `/api/v1/jobs/${id}/approval`, { decision, comment: "it looks right" });
  }

  async explain(id: string): Promise<string> {
    return (await this.#call<{ summary: string }>("GET", `/api/v1/jobs/${id}/explain`)).summary;
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { "x-client-token": this.#token, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }
}
