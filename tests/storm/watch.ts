/** A call under way; its connection has one at a time. */
interface Call {
  poll: Poll | null;
}

export interface Poll {
  /** When its request was seen, in milliseconds. */
  at: number;
  broughtTasks: boolean;
}

/** Reads along on a worker's connections: its polls, what they brought, and the results it sent. */
export class Watch {
  readonly polls: Poll[] = [];
  /** How often each task's result was sent. */
  readonly results = new Map<string, number>();
  readonly #calls = new WeakMap<object, Call>();

  /** Bytes of a request, whose head comes in one piece; answers whether a poll begins. */
  request(connection: object, data: Buffer): boolean {
    const text = data.toString("latin1");
    const isPoll = /^GET \/_worker\/workers\/[^/ ]+\/tasks\/next/.test(text);
    if (/^(GET|POST|PATCH) /.test(text)) {
      const poll = isPoll ? { at: performance.now(), broughtTasks: false } : null;
      if (poll !== null) this.polls.push(poll);
      this.#calls.set(connection, { poll });
    }
    for (const [, taskId = ""] of text.matchAll(/"task_id":"([^"]+)","worker_id"/g)) {
      this.results.set(taskId, (this.results.get(taskId) ?? 0) + 1);
    }
    return isPoll;
  }

  /** Bytes of an answer that the worker gets. */
  answer(connection: object, data: Buffer): void {
    const poll = this.#calls.get(connection)?.poll;
    if (poll && data.toString("latin1", 0, 13) === "HTTP/1.1 200 ") poll.broughtTasks = true;
  }

  /** How often a result was sent that had been sent before. */
  get resent(): number {
    return [...this.results.values()].reduce((sum, times) => sum + times - 1, 0);
  }

  /** The most polls without a task that began within any second. */
  mostIdlePolls(): number {
    const idle = this.polls.filter((poll) => !poll.broughtTasks).map(({ at }) => at);
    let most = 0;
    for (let from = 0, to = 0; to < idle.length; to++) {
      while ((idle[to] as number) - (idle[from] as number) >= 1000) from += 1;
      most = Math.max(most, to - from + 1);
    }
    return most;
  }
}
