import { camelCase } from "#http/camel-case";

/** RFC 3339 in UTC. */
interface Span {
  since: string;
  until: string | null;
}

/** What a job that has not ended waits for. */
export type WaitingFor =
  | (Span & {
      kind: "worker";
      taskId: string;
      taskType: string;
      attempt: number;
      phase: "queued" | "leased" | "backoff";
      workerId: string | null;
    })
  | (Span & {
      kind: "branches";
      total: number;
      open: number;
      succeeded: number;
      failed: number;
      policy: "all" | "settled" | "any" | { quorum: number };
    })
  | (Span & { kind: "child"; jobId: string })
  | (Span & {
      kind: "human";
      integration: string;
      message: string;
      /** What may be decided. */
      decisions: string[];
      /** Whoever has it may decide, once, by `POST` to `path`. */
      token: string;
      path: string;
    })
  | (Span & { kind: "timer"; nextState: string })
  | (Span & { kind: "retry"; attempt: number; errorMessage: string })
  | (Span & { kind: "slot" })
  | (Span & { kind: "blueprint"; reason: string });

/** From the wire; what the values hold stays as it is. */
export function readWaitingFor(value: unknown): WaitingFor | null {
  return value == null ? null : (camelCase(value) as unknown as WaitingFor);
}
