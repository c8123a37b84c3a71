/** What a process of the storm is told when it starts, as JSON in the variable `STORM`. */
export interface Setup {
  folder: string;
  clientToken: string;
  workerToken: string;
  /** Of a worker: its number, and its address of the engine, which leads through a network of its own. */
  number: number;
  url: string;
}

/** What a task is asked to do. */
export interface Work {
  /** Names the task whatever attempt it is: `<job id>/<place in the job>`. */
  key: string;
  ms: number;
  /** How many attempts fail before one goes well. */
  failures: number;
}

/** What a task leaves in its job: the nonce is made by the execution, so that every effect can be told from every other. */
export interface Effect {
  key: string;
  nonce: string;
}

/** A line of a worker's ledger: written when a handler begins and when it is about to return. */
export interface Execution extends Effect {
  kind: "began" | "ended";
  worker: string;
  taskId: string;
  /** Milliseconds of the machine's clock, which all processes share. */
  at: number;
}

/** A line of the engine's ledger: a registration that reached it. */
export interface Registration {
  worker: string;
  currentTasks: string[];
  at: number;
}

export function readSetup(): Setup {
  return JSON.parse(process.env["STORM"] as string) as Setup;
}
