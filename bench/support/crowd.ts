export interface CrowdOptions {
  /** The engine's and the bare server's. */
  addresses: string[];
  workers: number;
}

/** What one server was asked, and answered. */
export interface Asked {
  polls: number;
  heartbeats: number;
  errors: number;
}
