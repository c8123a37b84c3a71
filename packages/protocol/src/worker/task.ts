import Type, { type Static } from "typebox";
import { anyObject, name, words } from "#fields";

export const pollQuery = Type.Object({
  /** Seconds: shortens the hold. */
  timeout: Type.Optional(Type.Number({ minimum: 0 })),
  /** Asks for a list. */
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});

/** Ids never are digits only and match this: workers make file names of them. */
const id = Type.String({ pattern: "^(?!\\d+$)[A-Za-z0-9_-]{1,128}$" });

export const task = Type.Object({
  job_id: id,
  task_id: id,
  type: Type.String(),
  params: anyObject,
  tracing_context: anyObject,
  priority: Type.Integer(),
  attempt: Type.Integer(),
  /** Unix seconds. */
  deadline: Type.Number(),
});
export type Task = Static<typeof task>;

export const tasksAnswer = Type.Object({ tasks: Type.Array(task, { minItems: 1, maxItems: 100 }) });

export const taskParams = Type.Object({ task_id: name });
export const taskStateAnswer = Type.Object({ task_id: name, state: words("open", "cancelled", "stale") });
