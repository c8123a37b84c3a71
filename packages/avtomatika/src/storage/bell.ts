import type { Lane } from "#core/task";

/** What engines tell each other. */
export type EngineBell =
  /** Its teller lacks the state in which a job is: whoever has it may close the wait. */
  | { kind: "wanted"; jobId: string; wait: number; blueprint: string; state: string }
  | { kind: "desk"; engine: string; news: DeskNews };

/** What happened at one engine's desk, for whoever ranks workers at another. */
export interface DeskNews {
  /** It wants to hear everything: it has just come, or says again that it is there. */
  hello: boolean;
  /** Workers whose polls are parked there, with the instant at which they asked. */
  asking: [worker: string, since: number][];
  /** Workers that were told as asking and aren't any more. */
  gone: string[];
  /** Of lanes whose strategy counts tasks or turns. */
  handed: [taskId: string, worker: string, type: string, at: number][];
  over: [taskId: string, worker: string][];
  /** When workers were last given a task of a type. */
  turns: [worker: string, type: string, at: number][];
}

/** Rung on an edge; the level is checked by the claim. */
export type Bell =
  | EngineBell
  | { kind: "ready"; shard: number; blueprint: string }
  | { kind: "due"; shard: number; at: number }
  | { kind: "lane"; shard: number; lane: Lane; version: number }
  | { kind: "ended"; jobId: string }
  | { kind: "cancelled"; jobId: string; engine: string }
  | { kind: "revoked"; worker: string; taskIds: string[] }
  | { kind: "freed"; worker: string }
  | { kind: "workers"; version: number };
