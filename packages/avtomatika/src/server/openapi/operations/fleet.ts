import { blueprintsAnswer, dashboard, workersAnswer } from "@avtomatika/protocol";
import type { GroupedOperation } from "#server/openapi/operation";

/** By route below the client's prefix and a version. */
export const fleetOperations: Readonly<Record<string, GroupedOperation>> = {
  "GET /blueprints": {
    id: "listBlueprints",
    tag: "Blueprints",
    summary: "List the registered blueprints",
    answers: { 200: { description: "The blueprints.", schema: blueprintsAnswer } },
    storeless: true,
  },
  "GET /blueprints/:name/graph": {
    id: "drawBlueprint",
    tag: "Blueprints",
    summary: "Draw a blueprint's graph",
    description: "A drawing that takes too long is a `413`: take `dot` then.",
    answers: { 200: { description: "The graph.", types: ["text/vnd.graphviz", "image/svg+xml"] } },
    codes: ["not_found", "limit_exceeded"],
    storeless: true,
  },
  "GET /workers": {
    id: "listWorkers",
    tag: "Fleet",
    summary: "List the active workers",
    description: "Addresses are for admins.",
    answers: { 200: { description: "Their records, and what the engine knows of them.", schema: workersAnswer } },
    storeless: true,
  },
  "GET /dashboard": {
    id: "getDashboard",
    tag: "Fleet",
    summary: "Count workers and jobs",
    description: "The caller's own jobs; an admin's count has everybody's.",
    answers: { 200: { description: "The counts.", schema: dashboard } },
  },
};
