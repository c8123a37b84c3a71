import type { Policy } from "#core/action";
import type { JsonObject } from "#core/json";

/** Counts the branches of one wait. A single task is a join of one. */
export interface JoinRecord {
  jobId: string;
  wait: number;
  /** A task of its own rather than a fan-out: its status is the job's. */
  single: boolean;
  total: number;
  /** Fires as a success at so many successes … */
  need: number;
  /** … and as a failure at more failures than this. */
  allowed: number;
  ok: number;
  failed: number;
  state: "open" | "fired" | "closed";
  /** How long a worker may take to answer the cancelling of its task. */
  graceMs: number;
  /** Given to workers with each task. */
  trace: JsonObject;
}

/** The numbers of a policy: `need` successes decide, more than `allowed` failures decide. */
export function joinNumbers(policy: Policy, total: number): { need: number; allowed: number } {
  if (policy === "all") return { need: total, allowed: 0 };
  if (policy === "any") return { need: 1, allowed: total - 1 };
  if (policy === "settled") return { need: total + 1, allowed: total };
  return { need: policy.quorum, allowed: total - policy.quorum };
}

/** How an open join is decided by its counts; null while it isn't. */
export function decide(
  join: Pick<JoinRecord, "total" | "need" | "allowed" | "ok" | "failed">,
): "success" | "failure" | null {
  if (join.ok >= join.need) return "success";
  if (join.failed > join.allowed) return "failure";
  return join.ok + join.failed === join.total ? "success" : null;
}
