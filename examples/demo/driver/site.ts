// Where a job is done: the engine or engines, and what stands before and behind them.
import type { Tokens } from "./engine.ts";
import type { Event } from "./events.ts";
import type { Folders } from "./folders.ts";
import type { Processes } from "./processes.ts";

/** What a site is made with. */
export interface Ground {
  processes: Processes;
  folders: Folders;
  tokens: Tokens;
  tell: (text: string) => void;
}

export interface Site {
  /** For clients and workers, whichever engine dies. */
  url: string;
  /** Kills an engine; resolves in words once it is dead. */
  kill(): Promise<string>;
  /** Resolves in words once there is an engine at the same address again. */
  goOn(): Promise<string>;
  /** What became of the engines, for the closing table. */
  rows(): [name: string, value: string][];
  /** What has to have happened to them. */
  events(): Event[];
  /** Asks everything to end; resolves with how each process did. */
  stop(): Promise<(number | string)[]>;
}
