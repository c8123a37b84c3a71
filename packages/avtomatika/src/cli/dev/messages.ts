/** What an engine process tells its supervisor. */
export type Told =
  | { kind: "loaded"; isGood: boolean; files: Record<string, string> }
  | { kind: "listens"; url: string; port: number };

/** What it is told. */
export type Order = "serve" | "stop";
