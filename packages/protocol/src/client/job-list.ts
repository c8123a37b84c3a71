import Type, { type Static } from "typebox";
import { jobStatus } from "#client/job-status";
import { instant, name, nullable } from "#fields";

const page = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
};

export const listQuery = Type.Object({
  status: Type.Optional(jobStatus),
  blueprint: Type.Optional(name),
  ...page,
});

export const quarantineQuery = Type.Object({ blueprint: Type.Optional(name), ...page });

export const jobEntry = Type.Object({
  id: Type.String(),
  job_id: Type.String(),
  blueprint_name: Type.String(),
  status: jobStatus,
  current_state: Type.String(),
  error_message: nullable(Type.String()),
  parent_job_id: nullable(Type.String()),
  created_at: instant,
  updated_at: instant,
  ended_at: nullable(instant),
});
export type JobEntry = Static<typeof jobEntry>;

export const listAnswer = Type.Array(jobEntry);
