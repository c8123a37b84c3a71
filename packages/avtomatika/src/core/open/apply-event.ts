import { type Draft, enter } from "#core/draft";
import { endJob } from "#core/end-job";
import type { ChildEnd, JobEvent, Waiting } from "#core/job";
import type { JsonObject } from "#core/json";
import { mergePatch } from "#core/merge";
import { applyTaskEnd, setTaskError } from "#core/open/apply-task-end";
import { failJoin } from "#core/open/fail-join";
import { isObject } from "#core/plain-object";

/** Whether a handler has to run now (`open`), or the draft is a commit as it stands (`closed`). */
export type Applied = "open" | "closed";

type Of<Kind extends Waiting["kind"]> = Extract<Waiting, { kind: Kind }>;

/**
 * Lets the message that closed the wait take effect. Message and wait always fit: the store lets only a message
 * that names the open wait close it.
 */
export function applyEvent(draft: Draft, event: JobEvent): Applied {
  const { job } = draft;
  const waiting = job.head.waiting as Waiting;
  job.event = null;
  switch (event.kind) {
    case "task":
      return applyTaskEnd(draft, waiting as Of<"worker">, event.end);
    case "join":
      if (!event.success) return failJoin(draft, waiting as Of<"branches">, event.decisive, event.wait);
      enter(draft, (waiting as Of<"branches">).aggregateInto, "aggregator");
      job.head.results = event.wait;
      return "open";
    case "child":
      return applyChildEnd(draft, waiting as Of<"child">, event.end);
    case "decision":
      return applyDecision(draft, waiting as Of<"human">, event);
    case "requeue":
      return requeue(draft, event);
    case "discard":
      job.head.discardedAt = draft.world.now;
      job.due = draft.world.now + draft.world.settings.retentionMs;
      draft.next = "ended";
      return "closed";
    case "due":
      return wakeUp(draft, waiting);
  }
}

function applyChildEnd(draft: Draft, waiting: Of<"child">, end: ChildEnd): Applied {
  const result: JsonObject = {
    job_id: end.jobId,
    outcome: end.outcome,
    final_state: end.finalState,
    result: end.result,
    error_message: end.errorMessage,
  };
  draft.data[`sub_job_${end.jobId}_result`] = result;
  draft.data["sub_job_result"] = structuredClone(result);
  const target = waiting.transitions[end.outcome];
  enter(draft, target ?? "failed");
  if (target === undefined) {
    draft.job.head.errorMessage = `the child ended as a ${end.outcome}, which transitions don't list: ${end.errorMessage ?? end.finalState}`;
  }
  return "open";
}

function applyDecision(draft: Draft, waiting: Of<"human">, event: Extract<JobEvent, { kind: "decision" }>): Applied {
  draft.data["approval"] = {
    decision: event.decision,
    comment: event.comment,
    metadata: event.metadata,
    decided_by: event.decidedBy,
    decided_at: new Date(event.at).toISOString(),
  };
  enter(draft, waiting.transitions[event.decision] as string);
  return "open";
}

/** An operator's order: the same visit again with new budgets, or another state; committed before a handler runs. */
function requeue(draft: Draft, event: Extract<JobEvent, { kind: "requeue" }>): Applied {
  const { job } = draft;
  if (event.patch !== undefined) {
    const patched = mergePatch(draft.data, event.patch);
    if (isObject(patched)) draft.data = patched as JsonObject;
  }
  job.endedAt = null;
  job.head.errorMessage = null;
  job.head.result = null;
  job.head.waiting = null;
  job.head.failures = 0;
  job.head.lost = 0;
  if (event.state !== null && event.state !== job.state) enter(draft, event.state);
  draft.next = "keep";
  return "closed";
}

function wakeUp(draft: Draft, waiting: Waiting): Applied {
  if (waiting.kind === "timer") {
    enter(draft, waiting.nextState);
    return "open";
  }
  if (waiting.kind !== "human") return "open";
  const message = `nobody decided within ${Math.round(((waiting.until as number) - waiting.since) / 1000)} s`;
  if (waiting.timeoutState === null) {
    endJob(draft, { status: "failed", errorMessage: message });
    return "closed";
  }
  enter(draft, waiting.timeoutState);
  setTaskError(draft, { code: "TIMEOUT_ERROR", message, task_type: null, task_id: null, attempt: null });
  return "open";
}
