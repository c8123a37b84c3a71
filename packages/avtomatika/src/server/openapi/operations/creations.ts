import { acceptedAnswer, batchAnswer, creationHeaders, jobView } from "@avtomatika/protocol";
import { either } from "#server/openapi/either";
import type { Operation } from "#server/openapi/operation";

/** `POST {endpoint}` of a blueprint. */
export const creation: Operation = {
  id: "create",
  summary: "Create a job",
  description:
    "A body with `initial_data` or `webhook_url` is an envelope; any other object is itself the initial data.",
  headers: creationHeaders,
  answers: {
    200: {
      description:
        "With `wait` the view of the job, which has ended; else the job that the `Idempotency-Key` had made.",
      schema: either(acceptedAnswer, jobView),
    },
    202: { description: "Accepted: it is stored.", schema: acceptedAnswer },
  },
  codes: ["idempotency_conflict", "quota_exceeded"],
};

/** `POST {endpoint}/batch`. */
export const batchCreation: Operation = {
  id: "createBatch",
  summary: "Create many jobs",
  description: "Each is judged and stored on its own: one that is wrong is `rejected` in its place.",
  headers: creationHeaders,
  answers: { 202: { description: "What became of each.", schema: batchAnswer } },
};
