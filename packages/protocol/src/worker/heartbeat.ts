import Type from "typebox";
import { about, anyObject, closed, maybe, nameList, record, words, workerId } from "#fields";
import { abilities } from "#worker/abilities";

export const workerParams = Type.Object({ worker_id: about("A worker's id.", workerId) });

/** An empty body, or `{}`, is a sign of life and nothing else; `null` in a key is no statement. */
export const heartbeatBody = Type.Union([
  Type.Object({
    worker_id: about("The one of the path, if it is there.", maybe(workerId)),
    load: about("How busy it is: of equals the least busy is chosen.", maybe(Type.Number())),
    ...abilities,
    hot_skills: about("Task types that it could begin at once.", maybe(nameList)),
    skill_dependencies: about("What each task type needs to be hot; without `hot_skills` none are.", maybe(anyObject)),
    progress: about(
      "By a task's id: how far the tasks are that it holds.",
      maybe(
        record(
          Type.Object({
            progress: about("The job's view shows it as `value`.", Type.Number()),
            message: maybe(Type.String()),
          }),
        ),
      ),
    ),
  }),
  Type.Null(),
]);

const cancels = {
  cancel_task_ids: about(
    "Tasks of the worker that were cancelled.",
    Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
  ),
};

/** Of an empty heartbeat; any other is answered with the worker's record. */
export const refreshAnswer = closed({ status: words("ttl_refreshed"), ...cancels });
export const heartbeatAnswer = Type.Object(
  { worker_id: Type.String(), ...cancels },
  { $id: "WorkerRecord", description: "All that the worker said of itself." },
);
