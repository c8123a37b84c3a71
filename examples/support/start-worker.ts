// A worker in a few lines of fetch: it registers, polls, and sends results. One task at a time; no heartbeat, since
// every poll and result is a sign of life too.

export interface Result {
  status?: string;
  data?: object;
  error?: { code: string; message: string };
}

// biome-ignore lint/suspicious/noExplicitAny: params are whatever the blueprint sends
export type Skill = (params: any, attempt: number) => Result | Promise<Result>;

interface Task {
  job_id: string;
  task_id: string;
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  params: any;
  attempt: number;
}

/** Starts a worker that can do `skills`, by task type. The function it answers ends it. */
export async function startWorker(
  url: string,
  token: string,
  id: string,
  skills: Record<string, Skill>,
): Promise<() => Promise<void>> {
  const stopping = new AbortController();

  async function call(method: string, path: string, body?: object): Promise<Response> {
    const response = await fetch(url + path, {
      method,
      headers: { "x-worker-token": token, ...(body && { "content-type": "application/json" }) },
      ...(body ? { body: JSON.stringify(body) } : { signal: stopping.signal }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const answer = await call("GET", `/_worker/workers/${id}/tasks/next`);
      if (answer.status === 204) continue;
      const task = (await answer.json()) as Task;
      const result = await skills[task.type]?.(task.params, task.attempt);
      const { job_id, task_id } = task;
      await call("POST", "/_worker/tasks/result", { job_id, task_id, worker_id: id, result });
    }
  }

  await call("POST", "/_worker/workers/register", { worker_id: id, supported_tasks: Object.keys(skills) });
  const working = work().catch((error) => {
    if (!stopping.signal.aborted) throw error;
  });
  return () => {
    stopping.abort();
    return working;
  };
}
