import {
  cancelAnswer,
  decisionAnswer,
  discardAnswer,
  explanation,
  jobView,
  listAnswer,
  narrowedView,
  requeueAnswer,
} from "@avtomatika/protocol";
import { either } from "#server/openapi/either";
import type { GroupedOperation } from "#server/openapi/operation";

const page = {
  description: "A page, newest first.",
  schema: listAnswer,
  headers: { Link: '`<…>; rel="next"`, if there is a next page.' },
};

/** By route below the client's prefix and a version. */
export const jobOperations: Readonly<Record<string, GroupedOperation>> = {
  "GET /jobs": {
    id: "listJobs",
    tag: "Jobs",
    summary: "List jobs, newest first",
    description: "The caller's own; an admin's list has everybody's.",
    answers: { 200: page },
  },
  "GET /jobs/:job_id": {
    id: "getJob",
    tag: "Jobs",
    summary: "Read a job",
    answers: {
      200: { description: "The view, or what `fields` leaves of it.", schema: either(jobView, narrowedView) },
    },
    codes: ["not_found"],
  },
  "GET /jobs/:job_id/explain": {
    id: "explainJob",
    tag: "Jobs",
    summary: "Why a job is where it is",
    description: "In words and as data; for each active worker whether it could take the task, with reasons.",
    answers: { 200: { description: "The explanation.", schema: explanation } },
    codes: ["not_found"],
  },
  "POST /jobs/:job_id/cancel": {
    id: "cancelJob",
    tag: "Jobs",
    summary: "Cancel a job",
    description:
      "From then on no result, decision or timer of the job is applied. Its workers hear of it by their heartbeats.",
    answers: { 200: { description: "It is cancelled.", schema: cancelAnswer } },
    codes: ["not_found", "conflict"],
  },
  "POST /jobs/:job_id/approval": {
    id: "decide",
    tag: "Jobs",
    summary: "Decide an approval",
    description: "Like the public route, by the client's token. A decision that isn't offered is a `400`.",
    answers: { 200: { description: "Decided.", schema: decisionAnswer } },
    codes: ["not_found", "conflict"],
  },
  "GET /jobs/quarantined": {
    id: "listQuarantined",
    tag: "Quarantine",
    summary: "List the jobs in quarantine",
    description: "Those that were not discarded.",
    answers: { 200: page },
  },
  "POST /jobs/:job_id/requeue": {
    id: "requeueJob",
    tag: "Quarantine",
    summary: "Put a quarantined job back",
    description: "Into another state, if one is named; a state that the blueprint lacks is a `400`.",
    answers: { 200: { description: "It goes on.", schema: requeueAnswer } },
    codes: ["not_found", "conflict"],
  },
  "POST /jobs/:job_id/discard": {
    id: "discardJob",
    tag: "Quarantine",
    summary: "Take a quarantined job off the list",
    description: "Its status stays.",
    answers: { 200: { description: "It is discarded.", schema: discardAnswer } },
    codes: ["not_found", "conflict"],
  },
};
