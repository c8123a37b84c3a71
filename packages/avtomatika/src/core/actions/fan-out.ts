import type { Action, Policy, TaskSpec } from "#core/action";
import { Options, wrong } from "#core/actions/options";
import { type KnownStates, requireAggregator, requireTarget, type Target } from "#core/actions/states";
import { readBranch, type TaskOptions } from "#core/actions/task";
import { AvtomatikaError } from "#core/errors";
import { hasTooManyGroups, maxGroups } from "#core/lane";
import { didYouMean } from "#core/nearest";
import { isObject } from "#core/plain-object";

export interface DispatchParallelOptions<States extends string = string> {
  /** The branches; none is fine: the aggregator runs at once. */
  tasks: readonly TaskOptions[];
  /** The state whose aggregator runs once the branches have joined. */
  aggregateInto: States;
  /** When they join; default `"all"`. `{ quorum: n }`: at the n-th success, 1…tasks.length. */
  policy?: Policy | undefined;
  /** Where a fan-out goes that can't succeed any more; without it the job ends as the deciding task's error says. */
  onFailure?: Target<States> | undefined;
}

const known: ReadonlySet<string> = new Set(["tasks", "aggregateInto", "policy", "onFailure"]);
const quorumKeys: ReadonlySet<string> = new Set(["quorum"]);

export function readFanOut(given: unknown, states: KnownStates): Action {
  const options = new Options("dispatchParallel", given, known);
  const tasks = readTasks(options);
  return {
    kind: "fan-out",
    tasks,
    aggregateInto: requireAggregator(options.path("aggregateInto"), options.get("aggregateInto"), states),
    policy: readPolicy(options, tasks.length),
    onFailure: options.isGiven("onFailure")
      ? requireTarget(options.path("onFailure"), options.get("onFailure"), states)
      : null,
  };
}

function readTasks(options: Options): TaskSpec[] {
  const given = options.get("tasks");
  if (!Array.isArray(given)) throw wrong(`${options.path("tasks")} must be an array of tasks`, given);
  // Array.from also visits holes, which map would leave in place.
  const tasks = Array.from(given, (task, index) => readBranch(`${options.path("tasks")}[${index}]`, task));
  if (!hasTooManyGroups(tasks)) return tasks;
  throw new AvtomatikaError(
    "invalid_argument",
    `${options.path("tasks")} have more than ${maxGroups} different combinations of taskType, ` +
      "resourceRequirements, maxCost and priority: at most so many are possible in one fan-out",
  );
}

function readPolicy(options: Options, total: number): Policy {
  if (!options.isGiven("policy")) return "all";
  const given = options.get("policy");
  if (given === "all" || given === "settled" || given === "any") return given;
  if (!isObject(given)) {
    const hint = typeof given === "string" ? didYouMean(given, ["all", "settled", "any", "quorum"]) : "";
    throw wrong(`${options.path("policy")} must be "all", "settled", "any" or { quorum: n }`, given, hint);
  }
  const quorum = new Options(options.path("policy"), given, quorumKeys).get("quorum");
  // An empty fan-out joins at once whatever the policy: n was chosen for a list that happens to be empty.
  const most = total === 0 ? Number.MAX_SAFE_INTEGER : total;
  if (typeof quorum === "number" && Number.isSafeInteger(quorum) && quorum >= 1 && quorum <= most) return { quorum };
  throw wrong(`${options.path("policy")}.quorum must be an integer in 1…${total}, the number of tasks`, quorum);
}
