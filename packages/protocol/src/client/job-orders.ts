import Type from "typebox";
import { jobStatus } from "#client/job-status";
import { waitingFor } from "#client/job-view";
import { about, anyObject, closed, instant, maybe, name, nullable, words } from "#fields";

export const cancelAnswer = closed({
  status: about(
    "`cancellation_request_sent`: a connected worker was told.",
    words("cancellation_request_sent", "cancellation_request_accepted"),
  ),
});

export const decisionBody = Type.Object({
  decision: about("One of those that `waiting_for.decisions` offers.", name),
  comment: about("Kept with the decision.", maybe(Type.String())),
  metadata: about("Any JSON, kept with the decision.", Type.Optional(Type.Unknown())),
});

/** The public call: the token may be in the query, too. */
export const bearerDecisionBody = Type.Object({
  ...decisionBody.properties,
  token: about("The `token` of the job's `waiting_for`: it counts for this wait, once.", maybe(Type.String())),
});
export const bearerQuery = Type.Object({
  token: about("The same, for a body that has none.", Type.Optional(Type.String())),
});

export const decisionAnswer = closed({ status: words("approval_received"), job_id: Type.String() });

/** `patch` is a JSON merge patch of `state_history`. The body may be missing. */
export const requeueBody = Type.Union([
  Type.Object({
    state: about("Where the job goes on: where it is by default.", maybe(name)),
    patch: about("A JSON merge patch of `state_history`, applied before the handler runs.", maybe(anyObject)),
  }),
  Type.Null(),
]);

export const requeueAnswer = closed({ status: words("requeued"), job_id: Type.String() });
export const discardAnswer = closed({ status: words("discarded"), job_id: Type.String() });

/** Why a job is where it is. */
export const explanation = closed(
  {
    job_id: Type.String(),
    status: jobStatus,
    current_state: Type.String(),
    summary: about("Why it is where it is, in words.", Type.String()),
    waiting_for: nullable(waitingFor),
    next_timer: about("When time alone moves it.", nullable(instant)),
    attempts_left: about("Of the task, or of the handler that failed.", nullable(Type.Integer())),
    workers: about(
      "Each active worker, where the job waits for one.",
      Type.Array(
        closed({
          worker_id: Type.String(),
          eligible: about("It could take the task.", Type.Boolean()),
          reasons: about("Why it couldn't.", Type.Array(Type.String())),
        }),
      ),
    ),
  },
  "Explanation",
);
