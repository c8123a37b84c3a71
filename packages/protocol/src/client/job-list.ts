import Type, { type Static } from "typebox";
import { jobStatus } from "#client/job-status";
import { about, closed, instant, name, nullable } from "#fields";

const page = {
  limit: about("100 by default.", Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 }))),
  offset: about(
    "How many to pass over; not with `cursor`.",
    Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
  ),
  cursor: about(
    "Where the page begins: the one in the `Link` header of the page before.",
    Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
  ),
};

const blueprint = about("Only jobs of this blueprint.", Type.Optional(name));

export const listQuery = Type.Object({
  status: about("Only jobs of this status.", Type.Optional(jobStatus)),
  blueprint,
  ...page,
});

export const quarantineQuery = Type.Object({ blueprint, ...page });

export const jobEntry = closed(
  {
    id: Type.String(),
    job_id: about("The same.", Type.String()),
    blueprint_name: Type.String(),
    status: jobStatus,
    current_state: Type.String(),
    error_message: nullable(Type.String()),
    parent_job_id: nullable(Type.String()),
    created_at: instant,
    updated_at: instant,
    ended_at: nullable(instant),
  },
  "JobEntry",
);
export type JobEntry = Static<typeof jobEntry>;

export const listAnswer = Type.Array(jobEntry);
