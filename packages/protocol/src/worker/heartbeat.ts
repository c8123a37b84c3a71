import Type from "typebox";
import { anyObject, maybe, nameList, record, skillList, taskType, words, workerId } from "#fields";

export const workerParams = Type.Object({ worker_id: workerId });

/** An empty body, or `{}`, is a sign of life and nothing else; `null` in a key is no statement. */
export const heartbeatBody = Type.Union([
  Type.Object({
    worker_id: maybe(workerId),
    load: maybe(Type.Number()),
    status: maybe(Type.String()),
    supported_tasks: maybe(Type.Array(taskType)),
    supported_skills: maybe(skillList),
    hot_cache: maybe(nameList),
    hot_skills: maybe(nameList),
    skill_dependencies: maybe(anyObject),
    current_tasks: maybe(Type.Array(Type.String())),
    max_concurrent_tasks: maybe(Type.Number({ minimum: 0 })),
    resources: maybe(anyObject),
    capabilities: maybe(anyObject),
    progress: maybe(record(Type.Object({ progress: Type.Number(), message: maybe(Type.String()) }))),
  }),
  Type.Null(),
]);

const cancels = { cancel_task_ids: Type.Optional(Type.Array(Type.String(), { minItems: 1 })) };

/** Of an empty heartbeat; any other is answered with the worker's record. */
export const refreshAnswer = Type.Object({ status: words("ttl_refreshed"), ...cancels });
export const heartbeatAnswer = Type.Object({ worker_id: Type.String(), ...cancels });
