import Type, { type Static } from "typebox";
import { maybe, words, workerId } from "#fields";

/**
 * A result: what the worker says is in `result` (which may be anything: what is no object is a success without data),
 * or, from newer SDKs, flat beside the ids as `status`, `data`, `error`.
 */
export const resultBody = Type.Object({
  job_id: Type.String(),
  task_id: Type.String(),
  worker_id: maybe(workerId),
  result: Type.Optional(Type.Unknown()),
  status: Type.Optional(Type.Unknown()),
  data: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.Unknown()),
});
export type ResultBody = Static<typeof resultBody>;

export const resultsBody = Type.Object({ results: Type.Array(resultBody, { minItems: 1, maxItems: 1000 }) });

export const resultAnswer = Type.Union([
  Type.Object({
    status: words(
      "result_accepted_success",
      "result_accepted_failure",
      "result_accepted_cancelled",
      "parallel_branch_result_accepted",
    ),
  }),
  Type.Object({ status: words("ignored"), reason: words("not_found", "mismatch", "cancelled", "late", "stale") }),
]);
export type ResultAnswer = Static<typeof resultAnswer>;

export const resultsAnswer = Type.Object({ results: Type.Array(resultAnswer) });
