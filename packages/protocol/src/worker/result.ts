import Type, { type Static } from "typebox";
import { about, closed, maybe, words, workerId } from "#fields";

/**
 * A result: what the worker says is in `result` (which may be anything: what is no object is a success without data),
 * or, from newer SDKs, flat beside the ids as `status`, `data`, `error`.
 */
export const resultBody = Type.Object(
  {
    job_id: Type.String(),
    task_id: Type.String(),
    worker_id: about("Who sends it: by default whoever holds the task.", maybe(workerId)),
    result: about(
      "`{status, data, error}`, all of them optional; what is no object is a success without data.",
      Type.Optional(Type.Unknown()),
    ),
    status: about("Without `result`: a word of the blueprint's; `success` by default.", Type.Optional(Type.Unknown())),
    data: about("Without `result`: an object that is merged into `state_history`.", Type.Optional(Type.Unknown())),
    error: about("Without `result`: `{code, message}`, or a text.", Type.Optional(Type.Unknown())),
  },
  { $id: "Result" },
);
export type ResultBody = Static<typeof resultBody>;

export const resultsBody = Type.Object({ results: Type.Array(resultBody, { minItems: 1, maxItems: 1000 }) });

export const resultAnswer = Type.Union(
  [
    closed({
      status: words(
        "result_accepted_success",
        "result_accepted_failure",
        "result_accepted_cancelled",
        "parallel_branch_result_accepted",
      ),
    }),
    closed({
      status: about("It was not applied.", words("ignored")),
      reason: words("not_found", "mismatch", "cancelled", "late", "stale"),
    }),
  ],
  { $id: "Verdict" },
);
export type ResultAnswer = Static<typeof resultAnswer>;

export const resultsAnswer = closed({ results: about("In the order of the request.", Type.Array(resultAnswer)) });
