import { decisionAnswer, statusAnswer, unavailableAnswer } from "@avtomatika/protocol";
import type { GroupedOperation } from "#server/openapi/operation";

/** By route. */
export const publicOperations: Readonly<Record<string, GroupedOperation>> = {
  "GET /_public/status": {
    id: "getStatus",
    tag: "Public",
    summary: "Does the process serve?",
    answers: { 200: { description: "It does.", schema: statusAnswer } },
    storeless: true,
  },
  "GET /_public/ready": {
    id: "getReady",
    tag: "Public",
    summary: "Does the store answer?",
    answers: {
      200: { description: "It does.", schema: statusAnswer },
      503: { description: "It doesn't.", schema: unavailableAnswer },
    },
    storeless: true,
  },
  "GET /_public/openapi.json": {
    id: "getOpenapi",
    tag: "Public",
    summary: "This document",
    description: "OpenAPI 3.1, with one entry per registered blueprint.",
    answers: { 200: { description: "The document.", types: ["application/json"] } },
    storeless: true,
  },
  "GET /_public/docs": {
    id: "getDocs",
    tag: "Public",
    summary: "This document as a page to read and try out",
    description: "The engine serves all of it: it works offline.",
    answers: { 200: { description: "The page.", types: ["text/html"] } },
    storeless: true,
  },
  "GET /_public/docs/:file": {
    id: "getDocsFile",
    tag: "Public",
    summary: "A file of that page",
    answers: { 200: { description: "The file.", types: ["text/css", "text/javascript", "image/png"] } },
    codes: ["not_found"],
    storeless: true,
  },
  "POST /_public/webhooks/approval/:job_id": {
    id: "decideAsBearer",
    tag: "Public",
    summary: "Decide an approval with its token",
    description:
      "The token stands in the job's `waiting_for`. A missing, wrong or used token and an unknown job are one `401`. " +
      "With `PUBLIC_APPROVALS` no token is needed.",
    answers: { 200: { description: "Decided.", schema: decisionAnswer } },
    codes: ["unauthorized", "not_found", "conflict", "rate_limited"],
  },
};
