import Type from "typebox";
import { about, anyObject, maybe, nameList, skillList, taskType } from "#fields";

/** What a worker says of itself when it registers, and whenever it changes. */
export const abilities = {
  supported_tasks: about("The task types that it takes at present.", maybe(Type.Array(taskType))),
  supported_skills: about("The same in newer SDKs; `supported_tasks` comes first.", maybe(skillList)),
  current_tasks: about("The ids of the tasks that it works on.", maybe(Type.Array(Type.String()))),
  max_concurrent_tasks: about("The most it is given at a time; 10 by default.", maybe(Type.Number({ minimum: 0 }))),
  status: about("`offline` and `draining`: it gets no new tasks. Other words decide nothing.", maybe(Type.String())),
  resources: about("`cpu_cores`, `gpu_info`, …: what tasks may require.", maybe(anyObject)),
  capabilities: about("Further things that tasks may require.", maybe(anyObject)),
  hot_cache: about("Names of models that it holds ready: it is preferred for them.", maybe(nameList)),
};
