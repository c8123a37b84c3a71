/** How much the client creates and how long callers wait, where that isn't what the kill test wants. */
export interface Load {
  /** How many jobs are kept open, children included. */
  openJobs: number;
  /** How many are created in a second at most, children not counted. */
  perSecond: number;
  /** The blueprints of its jobs, one drawn for each. */
  flows: string[];
  /** Jobs and tasks differ in their priority: under load low ones may wait for long. */
  ranked: boolean;
  /** How often a job is created that begins with a large fan-out. */
  largeEveryMs: number;
  /** Between two creations of the client with a quota. */
  meteredEveryMs: number;
  /** How long a call waits for its answer. */
  patienceMs: number;
}

/** What every process of the test is told when it is started, as JSON in the variable `KILL_TEST`. */
export interface Setup {
  folder: string;
  storage: "sqlite" | "redis";
  /** The SQLite file, or the address of the Redis server. */
  address: string;
  seed: number;
  /** Counts the processes of one kind. */
  number: number;
  /** Of an admin. */
  clientToken: string;
  /** Of a client with a quota. */
  meteredToken: string;
  workerToken: string;
  /** No more faults: everything shall come to its end. */
  calm: boolean;
  load: Load;
  /** Where the engine is, if that never changes. */
  url?: string;
}

/** From the test to its processes. */
export type Order =
  | { kind: "url"; url: string | null }
  | { kind: "die"; where: "in a commit" | "after a commit"; commits: number }
  | { kind: "calm" }
  | { kind: "end" };

/** From the processes to the test. */
export type News =
  | { kind: "opens" }
  | { kind: "listens"; url: string }
  | { kind: "open"; jobs: number; quarantined: number }
  | { kind: "done" };

export function readSetup(): Setup {
  return JSON.parse(process.env["KILL_TEST"] as string) as Setup;
}

/** Calls `hear` with each order; the process ends with the test, however that ends. */
export function hearOrders(hear: (order: Order) => void): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", (order) => hear(order as Order));
}

export function tell(news: News): void {
  process.send?.(news);
}
