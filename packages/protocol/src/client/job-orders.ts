import Type from "typebox";
import { jobStatus } from "#client/job-status";
import { waitingFor } from "#client/job-view";
import { anyObject, instant, maybe, name, nullable, words } from "#fields";

export const cancelAnswer = Type.Object({
  status: words("cancellation_request_sent", "cancellation_request_accepted"),
});

export const decisionBody = Type.Object({
  decision: name,
  comment: maybe(Type.String()),
  metadata: Type.Optional(Type.Unknown()),
});

/** The public call: the token may be in the query, too. */
export const bearerDecisionBody = Type.Object({ ...decisionBody.properties, token: maybe(Type.String()) });
export const bearerQuery = Type.Object({ token: Type.Optional(Type.String()) });

export const decisionAnswer = Type.Object({ status: words("approval_received"), job_id: name });

/** `patch` is a JSON merge patch of `state_history`. The body may be missing. */
export const requeueBody = Type.Union([Type.Object({ state: maybe(name), patch: maybe(anyObject) }), Type.Null()]);

export const quarantineAnswer = Type.Object({ status: words("requeued", "discarded"), job_id: name });

/** Why a job is where it is. */
export const explanation = Type.Object({
  job_id: Type.String(),
  status: jobStatus,
  current_state: Type.String(),
  summary: Type.String(),
  waiting_for: nullable(waitingFor),
  next_timer: nullable(instant),
  attempts_left: nullable(Type.Integer()),
  workers: Type.Array(
    Type.Object({ worker_id: Type.String(), eligible: Type.Boolean(), reasons: Type.Array(Type.String()) }),
  ),
});
