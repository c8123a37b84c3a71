import {
  heartbeatAnswer,
  refreshAnswer,
  registrationAnswer,
  resultAnswer,
  resultsAnswer,
  task,
  taskStateAnswer,
  tasksAnswer,
} from "@avtomatika/protocol";
import { either } from "#server/openapi/either";
import type { GroupedOperation } from "#server/openapi/operation";

/** By route. */
export const workerOperations: Readonly<Record<string, GroupedOperation>> = {
  "POST /_worker/workers/register": {
    id: "registerWorker",
    tag: "Workers",
    summary: "Register a worker",
    description:
      "It stands for a new process: leases that it doesn't name in `current_tasks` go back to the queue. One of " +
      "`supported_tasks` and `supported_skills` is needed. Whatever else it says is kept, but `token`, `reputation` " +
      "and names that begin with `_`.",
    answers: { 200: { description: "It is known.", schema: registrationAnswer } },
    codes: ["forbidden"],
  },
  "PATCH /_worker/workers/:worker_id": {
    id: "heartbeat",
    tag: "Workers",
    summary: "A heartbeat",
    description:
      "Empty, it is a sign of life. Else its fields are merged into the worker's record; null is no statement.",
    answers: {
      200: {
        description: "For an empty one `ttl_refreshed`, else the worker's record.",
        schema: either(refreshAnswer, heartbeatAnswer),
      },
    },
    codes: ["forbidden"],
  },
  "GET /_worker/workers/:worker_id/tasks/next": {
    id: "poll",
    tag: "Tasks",
    summary: "Wait for a task",
    description: "An error is answered after five seconds: existing workers ask again at once. It has no `HEAD`.",
    answers: {
      200: { description: "A task; with `limit` a list of them.", schema: either(task, tasksAnswer) },
      204: { description: "There was none in time." },
    },
    codes: ["forbidden"],
  },
  "POST /_worker/tasks/result": {
    id: "sendResult",
    tag: "Tasks",
    summary: "Send a result",
    description:
      "Whatever becomes of it, the answer is `200`. A repeat gets the same verdict again. Without `worker_id` it is the worker's whose token it came by; by the shared token, that of whoever holds the task.",
    answers: { 200: { description: "The verdict.", schema: resultAnswer } },
    codes: ["forbidden"],
  },
  "POST /_worker/tasks/results": {
    id: "sendResults",
    tag: "Tasks",
    summary: "Send many results",
    description: "One that the token may not send is `ignored`, `mismatch`.",
    answers: { 200: { description: "The verdicts.", schema: resultsAnswer } },
  },
  "GET /_worker/tasks/:task_id": {
    id: "getTask",
    tag: "Tasks",
    summary: "Is a task still wanted?",
    answers: { 200: { description: "Its state.", schema: taskStateAnswer } },
  },
};
