export interface CrowdOptions {
  /** Each server gets its own workers. */
  addresses: string[];
  workers: number;
  /** What their records say beside the usual. */
  record?: object;
}

/** What one server was asked, and answered. */
export interface Asked {
  /** Answered with nothing. */
  polls: number;
  tasks: number;
  heartbeats: number;
  errors: number;
}
