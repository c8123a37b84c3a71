import Type, { type Static } from "typebox";
import { about, closed, maybe, nameList, record, words, workerId } from "#fields";
import { abilities } from "#worker/abilities";

const amount = Type.Number({ minimum: 0 });

/** Whatever else a worker says is kept. One of `supported_tasks` and `supported_skills` is needed. */
export const registration = Type.Object({
  worker_id: workerId,
  worker_type: about("For people.", maybe(Type.String())),
  ...abilities,
  cost_per_second: about("What its time costs.", maybe(amount)),
  cost: about("The same, where `cost_per_second` is missing.", maybe(amount)),
  cost_per_skill: about("The same by task type.", maybe(record(Type.Number()))),
  installed_models: about("Strings, or objects with a `name`.", maybe(nameList)),
});
export type Registration = Static<typeof registration>;

export const registrationAnswer = closed({ status: words("registered") });
