/** What clients and workers know: held against the store while a simulation runs and when it is over. */
export class Ledger {
  /** Creations that were acknowledged, by idempotency key. */
  readonly created = new Map<string, string>();
  /** Cancels that were answered with success. */
  readonly cancelled = new Set<string>();
  /** Requeues that were answered with success. */
  readonly requeued = new Map<string, number>();
  readonly toldToStop = new Set<string>();
  readonly violations: string[] = [];
  executions = 0;
  readonly #handedOut = new Map<string, Set<string>>();
  readonly #nonces = new Map<string, { taskId: string; worker: string }>();
  readonly #answers = new Map<string, string>();
  readonly #once = new Map<string, string>();

  violate(text: string): void {
    this.violations.push(text);
  }

  acknowledged(key: string, jobId: string): void {
    const former = this.created.get(key);
    if (former !== undefined && former !== jobId)
      this.violate(`I1: key ${key} was answered with ${former} and with ${jobId}`);
    this.created.set(key, jobId);
  }
  handedOut(taskId: string, worker: string): void {
    const workers = this.#handedOut.get(taskId) ?? new Set();
    workers.add(worker);
    this.#handedOut.set(taskId, workers);
  }
  executed(taskId: string, worker: string, nonce: string): void {
    this.executions += 1;
    this.#nonces.set(nonce, { taskId, worker });
  }
  /** The same result of the same worker gets the same answer, however often it is sent. */
  accepted(taskId: string, worker: string, answer: string): void {
    const key = `${taskId} ${worker}`;
    const former = this.#answers.get(key);
    if (former !== undefined && former !== answer) this.violate(`I3: ${key} was answered ${former} and ${answer}`);
    this.#answers.set(key, answer);
  }
  /** A result that was once accepted is never ignored, while its job's record lives. */
  ignored(taskId: string, worker: string, reason: string): void {
    const former = this.#answers.get(`${taskId} ${worker}`);
    if (former !== undefined && reason !== "not_found") {
      this.violate(`I3: ${taskId} of ${worker} was answered ${former} and then ignored: ${reason}`);
    }
  }
  /** A result that was applied must be one that its worker made for that very attempt. */
  applied(taskId: string, worker: string | null, nonce: string): void {
    const made = this.#nonces.get(nonce);
    if (made === undefined || made.taskId !== taskId || made.worker !== worker) {
      this.violate(
        `I3: the result applied to ${taskId} was made by ${made?.worker} for ${made?.taskId}, not by ${worker}`,
      );
    }
    if (!this.#handedOut.get(taskId)?.has(worker ?? ""))
      this.violate(`I3: ${taskId} was applied though ${worker} never got it`);
  }
  once(key: string, value: string): void {
    const former = this.#once.get(key);
    if (former !== undefined && former !== value) this.violate(`I2: once of ${key} gave ${former} and then ${value}`);
    this.#once.set(key, value);
  }
}
