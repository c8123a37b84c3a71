import Type, { type Static } from "typebox";
import { jobStatus } from "#client/job-status";
import { anyObject, instant, name, nullable, words } from "#fields";

export const jobParams = Type.Object({ job_id: name });

export const viewQuery = Type.Object({
  /** Names, separated by commas. */
  fields: Type.Optional(Type.String()),
  wait: Type.Optional(Type.Number({ minimum: 0 })),
});

const span = { since: instant, until: nullable(instant) };

/** What a job that has not ended waits for. */
export const waitingFor = Type.Union([
  Type.Object({
    kind: words("worker"),
    ...span,
    task_id: Type.String(),
    task_type: Type.String(),
    attempt: Type.Integer(),
    phase: words("queued", "leased", "backoff"),
    worker_id: nullable(Type.String()),
  }),
  Type.Object({
    kind: words("branches"),
    ...span,
    total: Type.Integer(),
    open: Type.Integer(),
    succeeded: Type.Integer(),
    failed: Type.Integer(),
    policy: Type.Union([words("all", "settled", "any"), Type.Object({ quorum: Type.Integer() })]),
  }),
  Type.Object({ kind: words("child"), ...span, job_id: Type.String() }),
  Type.Object({
    kind: words("human"),
    ...span,
    integration: Type.String(),
    message: Type.String(),
    decisions: Type.Array(Type.String()),
    token: Type.String(),
    path: Type.String(),
  }),
  Type.Object({ kind: words("timer"), ...span, next_state: Type.String() }),
  Type.Object({ kind: words("retry"), ...span, attempt: Type.Integer(), error_message: Type.String() }),
  Type.Object({ kind: words("slot"), ...span }),
  Type.Object({ kind: words("blueprint"), ...span, reason: Type.String() }),
]);
export type WaitingFor = Static<typeof waitingFor>;

export const jobView = Type.Object({
  id: Type.String(),
  job_id: Type.String(),
  blueprint_name: Type.String(),
  status: jobStatus,
  current_state: Type.String(),
  initial_data: anyObject,
  state_history: anyObject,
  /** Null until the job has ended. */
  result: Type.Unknown(),
  error_message: nullable(Type.String()),
  progress: nullable(
    Type.Object({
      value: Type.Number(),
      message: nullable(Type.String()),
      task_id: Type.String(),
      updated_at: instant,
    }),
  ),
  waiting_for: nullable(waitingFor),
  metadata: nullable(anyObject),
  parent_job_id: nullable(Type.String()),
  child_job_ids: Type.Array(Type.String()),
  /** The last of them. */
  child_job_id: nullable(Type.String()),
  created_at: instant,
  updated_at: instant,
  ended_at: nullable(instant),
  /** Only of a discarded job. */
  discarded_at: Type.Optional(instant),
});
export type JobView = Static<typeof jobView>;
