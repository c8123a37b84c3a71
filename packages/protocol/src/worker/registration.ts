import Type, { type Static } from "typebox";
import { anyObject, maybe, nameList, record, skillList, taskType, words, workerId } from "#fields";

const amount = Type.Number({ minimum: 0 });

/** Whatever else a worker says is kept. One of `supported_tasks` and `supported_skills` is needed. */
export const registration = Type.Object({
  worker_id: workerId,
  worker_type: maybe(Type.String()),
  supported_tasks: maybe(Type.Array(taskType)),
  supported_skills: maybe(skillList),
  current_tasks: maybe(Type.Array(Type.String())),
  max_concurrent_tasks: maybe(amount),
  cost_per_second: maybe(amount),
  cost: maybe(amount),
  cost_per_skill: maybe(record(Type.Number())),
  installed_models: maybe(nameList),
  resources: maybe(anyObject),
  capabilities: maybe(anyObject),
  hot_cache: maybe(nameList),
  status: maybe(Type.String()),
});
export type Registration = Static<typeof registration>;

export const registrationAnswer = Type.Object({ status: words("registered") });
