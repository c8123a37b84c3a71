import { pause } from "../kill/http-caller.ts";
import type { News, Order } from "../kill/messages.ts";
import type { TestProcess } from "../kill/processes.ts";

export interface MemberOptions {
  name: string;
  /** `life` counts the processes from 0. */
  spawn: (life: number) => TestProcess;
  /** Called with all it says. A member that says nothing counts as started at once. */
  onNews: ((news: News) => void) | null;
  /** What may happen without anybody's doing: the process is started again. */
  mayEnd: (end: { code: number | null; signal: NodeJS.Signals | null }) => boolean;
  onFault: (text: string) => void;
}

const restartMs = 600;

/** An engine or a worker, that is killed and stopped and comes back. */
export class Member {
  readonly #options: MemberOptions;
  #process: TestProcess | null = null;
  #life = 0;
  #isPlanned = false;
  /** Somebody disturbs it. */
  isBusy = false;
  /** Processes that ended by themselves. */
  ownEnds = 0;

  constructor(options: MemberOptions) {
    this.#options = options;
  }

  /** Resolves when the first thing it says was heard. */
  start(): Promise<void> {
    const { spawn, onNews, mayEnd, onFault, name } = this.#options;
    const { promise: heard, resolve, reject } = Promise.withResolvers<void>();
    const begin = (): void => {
      const process = spawn(this.#life++);
      this.#process = process;
      this.#isPlanned = false;
      process.onNews = (news) => {
        onNews?.(news);
        resolve();
      };
      void process.exited.then(async (end) => {
        if (this.#isPlanned) return;
        if (!mayEnd(end)) {
          const fault = `${name} ended with ${end.code ?? end.signal}`;
          if (onNews !== null) reject(new Error(fault));
          return onFault(fault);
        }
        this.ownEnds += 1;
        await pause(restartMs);
        if (this.#process === process) begin();
      });
    };
    begin();
    return onNews === null ? Promise.resolve() : heard;
  }

  /** Ends it without a farewell; after a while it comes again. Resolves when it has started. */
  async kill(awayMs: number): Promise<void> {
    const process = this.#process as TestProcess;
    this.#isPlanned = true;
    this.#process = null;
    process.signal("SIGKILL");
    await process.exited;
    await pause(awayMs);
    await this.start();
  }

  async stopFor(ms: number): Promise<void> {
    const process = this.#process as TestProcess;
    process.signal("SIGSTOP");
    await pause(ms);
    process.signal("SIGCONT");
  }

  order(order: Order): void {
    this.#process?.order(order);
  }

  /** In good order; answers how it ended. */
  async end(how: "SIGTERM" | Order): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const process = this.#process as TestProcess;
    this.#isPlanned = true;
    if (how === "SIGTERM") process.signal(how);
    else process.order(how);
    return process.exited;
  }
}
