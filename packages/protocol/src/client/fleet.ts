import Type, { type Static } from "typebox";
import { jobStatuses } from "#client/job-status";
import { about, closed, instant, name, nullable, words } from "#fields";

/** Active workers: their records, and what the engine knows of them. */
export const workersAnswer = Type.Array(
  Type.Object(
    {
      worker_id: Type.String(),
      open_tasks: about("Tasks that it holds.", Type.Integer()),
      reputation: about("From 0 to 1.", Type.Number()),
      last_seen_at: instant,
    },
    {
      $id: "Worker",
      description: "What the worker said when it registered and since, and what the engine knows of it.",
    },
  ),
);

const count = Type.Integer({ minimum: 0 });

/** `queued` jobs are ready for a handler; the other counts are by status. */
export const dashboard = closed({
  workers: closed({
    total: count,
    idle: count,
    busy: about("Those that hold tasks, or say that they are busy.", count),
  }),
  jobs: closed({
    queued: about("Jobs that are ready for a handler.", count),
    ...Object.fromEntries(jobStatuses.map((status) => [status, count])),
  }),
});

export const blueprintsAnswer = Type.Array(
  closed(
    {
      name: Type.String(),
      api_version: nullable(Type.String()),
      api_endpoint: nullable(Type.String()),
      path: about("Where jobs are created; null for a blueprint that has no route.", nullable(Type.String())),
      states: Type.Array(Type.String()),
    },
    "Blueprint",
  ),
);
export type BlueprintsAnswer = Static<typeof blueprintsAnswer>;

export const blueprintParams = Type.Object({ name: about("A blueprint's name.", name) });
export const graphQuery = Type.Object({
  format: about("`dot` by default; `svg` draws it.", Type.Optional(words("dot", "svg"))),
});
