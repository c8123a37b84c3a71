import Type, { type Static } from "typebox";
import { jobStatus } from "#client/job-status";
import { about, anyObject, closed, instant, name, nullable, words } from "#fields";

export const jobParams = Type.Object({ job_id: about("A job's id.", name) });

export const viewQuery = Type.Object({
  fields: about(
    "Names of the view, separated by commas: the answer has only these, and `id`. Unknown ones are ignored.",
    Type.Optional(Type.String()),
  ),
  wait: about("Seconds to hold the answer until the job has ended.", Type.Optional(Type.Number({ minimum: 0 }))),
});

const span = { since: instant, until: about("When time ends the wait.", nullable(instant)) };

/** What a job that has not ended waits for. */
export const waitingFor = Type.Union(
  [
    closed({
      kind: about("A task.", words("worker")),
      ...span,
      task_id: Type.String(),
      task_type: Type.String(),
      attempt: about("From 1.", Type.Integer()),
      phase: about("`backoff`: the pause before the next attempt.", words("queued", "leased", "backoff")),
      worker_id: about("Who has it.", nullable(Type.String())),
    }),
    closed({
      kind: about("The tasks of a fan-out.", words("branches")),
      ...span,
      total: Type.Integer(),
      open: Type.Integer(),
      succeeded: Type.Integer(),
      failed: Type.Integer(),
      policy: Type.Union([words("all", "settled", "any"), closed({ quorum: Type.Integer() })]),
    }),
    closed({ kind: about("A child.", words("child")), ...span, job_id: about("The child's.", Type.String()) }),
    closed({
      kind: about("A decision.", words("human")),
      ...span,
      integration: Type.String(),
      message: Type.String(),
      decisions: about("Those it may be.", Type.Array(Type.String())),
      token: about("With it anybody may decide at `path`.", Type.String()),
      path: Type.String(),
    }),
    closed({ kind: about("A time.", words("timer")), ...span, next_state: Type.String() }),
    closed({
      kind: about("The next run of a handler that threw.", words("retry")),
      ...span,
      attempt: Type.Integer(),
      error_message: Type.String(),
    }),
    closed({ kind: about("A free slot of an engine.", words("slot")), ...span }),
    closed({ kind: about("An engine that knows its blueprint.", words("blueprint")), ...span, reason: Type.String() }),
  ],
  { $id: "WaitingFor" },
);
export type WaitingFor = Static<typeof waitingFor>;

export const jobView = closed(
  {
    id: Type.String(),
    job_id: about("The same.", Type.String()),
    blueprint_name: Type.String(),
    status: jobStatus,
    current_state: Type.String(),
    initial_data: anyObject,
    state_history: about("The job's data.", anyObject),
    result: about("Null until the job has ended.", Type.Unknown()),
    error_message: about(
      "Of a job that failed or is in quarantine. Of a worker's message the first 16,384 characters are kept.",
      nullable(Type.String()),
    ),
    progress: about(
      "Of the task that the job waits for.",
      nullable(
        closed({
          value: Type.Number(),
          message: nullable(Type.String()),
          task_id: Type.String(),
          updated_at: instant,
        }),
      ),
    ),
    waiting_for: about("Null for a job that has ended, or whose handler runs.", nullable(waitingFor)),
    metadata: about("Of its creation.", nullable(anyObject)),
    parent_job_id: nullable(Type.String()),
    child_job_ids: Type.Array(Type.String()),
    child_job_id: about("The last of them.", nullable(Type.String())),
    created_at: instant,
    updated_at: instant,
    ended_at: nullable(instant),
    discarded_at: about("Only of a discarded job.", Type.Optional(instant)),
  },
  "JobView",
);
export type JobView = Static<typeof jobView>;

/** What `?fields` leaves of a view. */
export const narrowedView = closed({ ...Type.Partial(jobView).properties, id: Type.String() }, "NarrowedJobView");
