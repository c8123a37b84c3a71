import { blueprintsAnswer, dashboard, reloadAnswer, workersAnswer } from "@avtomatika/protocol";
import type { GroupedOperation } from "#server/openapi/operation";

/** By route below the client's prefix and a version. */
export const fleetOperations: Readonly<Record<string, GroupedOperation>> = {
  "GET /blueprints": {
    id: "listBlueprints",
    tag: "Blueprints",
    summary: "List the registered blueprints",
    answers: { 200: { description: "The blueprints.", schema: blueprintsAnswer } },
  },
  "GET /blueprints/:name/graph": {
    id: "drawBlueprint",
    tag: "Blueprints",
    summary: "Draw a blueprint's graph",
    description: "A drawing that takes too long is a `413`: take `dot` then.",
    answers: { 200: { description: "The graph.", types: ["text/vnd.graphviz", "image/svg+xml"] } },
    codes: ["not_found", "limit_exceeded"],
  },
  "GET /workers": {
    id: "listWorkers",
    tag: "Fleet",
    summary: "List the active workers",
    description: "Addresses are for admins.",
    answers: { 200: { description: "Their records, and what the engine knows of them.", schema: workersAnswer } },
  },
  "GET /dashboard": {
    id: "getDashboard",
    tag: "Fleet",
    summary: "Count workers and jobs",
    description: "The caller's own jobs; an admin's count has everybody's.",
    answers: { 200: { description: "The counts.", schema: dashboard } },
  },
  "POST /admin/reload-clients": {
    id: "reloadClients",
    tag: "Fleet",
    summary: "Read `clients.toml` again",
    description: "For admins. If the file can't be used, all that is wrong is in `details`, and nothing changes.",
    answers: { 200: { description: "It is read.", schema: reloadAnswer } },
    codes: ["forbidden", "invalid_request"],
  },
  "POST /admin/reload-workers": {
    id: "reloadWorkers",
    tag: "Fleet",
    summary: "Read `workers.toml` again",
    description: "For admins. If the file can't be used, all that is wrong is in `details`, and nothing changes.",
    answers: { 200: { description: "It is read.", schema: reloadAnswer } },
    codes: ["forbidden", "invalid_request"],
  },
};
