import Type, { type Static } from "typebox";
import { about, anyObject, closed, name, words } from "#fields";

export const pollQuery = Type.Object({
  timeout: about(
    "Seconds to wait for a task; `WORKER_POLL_TIMEOUT_SECONDS` is the most, and the default.",
    Type.Optional(Type.Number({ minimum: 0 })),
  ),
  limit: about("Asks for a list of up to so many.", Type.Optional(Type.Integer({ minimum: 1, maximum: 100 }))),
});

/** Ids never are digits only and match this: workers make file names of them. */
const id = Type.String({ pattern: "^(?!\\d+$)[A-Za-z0-9_-]{1,128}$" });

export const task = closed(
  {
    job_id: id,
    task_id: about("Another one for each attempt.", id),
    type: Type.String(),
    params: anyObject,
    tracing_context: about(
      "W3C trace context.",
      closed({ traceparent: Type.String(), tracestate: Type.Optional(Type.String()) }),
    ),
    priority: Type.Integer({ minimum: -1000, maximum: 1000 }),
    attempt: about("From 1.", Type.Integer({ minimum: 1 })),
    deadline: about("Unix seconds: a result that comes later is stale.", Type.Number()),
  },
  "Task",
);
export type Task = Static<typeof task>;

export const tasksAnswer = closed({ tasks: Type.Array(task, { minItems: 1, maxItems: 100 }) });

export const taskParams = Type.Object({ task_id: about("A task's id.", name) });
export const taskStateAnswer = closed({
  task_id: Type.String(),
  state: about(
    "`cancelled`: stop working on it. `stale`: the attempt is over, unknown or another worker's.",
    words("open", "cancelled", "stale"),
  ),
});
