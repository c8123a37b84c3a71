import type { TaskItem, TaskRecord } from "#core/task";
import { jobId, now } from "./one-step.ts";

/** A task that was handed out 4 s ago and confirmed, with 60 s to answer. */
export function task(changes: Partial<Omit<TaskRecord, "item">> = {}, item: Partial<TaskItem> = {}): TaskRecord {
  return {
    format: 1,
    jobId,
    wait: 1,
    index: 0,
    attempt: 1,
    lane: '["resize"]',
    score: 1,
    state: "leased",
    rev: 1,
    due: now,
    worker: "w",
    claim: "c",
    unconfirmed: 0,
    deadline: now + 56_000,
    queuedAt: now - 8000,
    leasedAt: now - 4000,
    past: [],
    ...changes,
    item: {
      index: 0,
      params: {},
      priority: 0,
      timeoutMs: 60_000,
      dispatchTimeoutMs: null,
      resultDue: null,
      retry: { maxRetries: 3, delayMs: 1000, maxDelayMs: 60_000, factor: 2 },
      declared: [],
      ...item,
    },
  };
}
