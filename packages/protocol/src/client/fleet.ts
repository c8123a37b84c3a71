import Type, { type Static } from "typebox";
import { instant, name, nullable, words } from "#fields";

/** Active workers: their records, and what the engine knows of them. */
export const workersAnswer = Type.Array(
  Type.Object({
    worker_id: Type.String(),
    open_tasks: Type.Integer(),
    reputation: Type.Number(),
    last_seen_at: instant,
  }),
);

/** `queued` jobs are ready for a handler; the other counts are by status. */
export const dashboard = Type.Object({
  workers: Type.Object({ total: Type.Integer(), idle: Type.Integer(), busy: Type.Integer() }),
  jobs: Type.Record(Type.String(), Type.Integer()),
});

export const blueprintsAnswer = Type.Array(
  Type.Object({
    name: Type.String(),
    api_version: nullable(Type.String()),
    api_endpoint: nullable(Type.String()),
    /** Where jobs are created; null for a blueprint that has no route. */
    path: nullable(Type.String()),
    states: Type.Array(Type.String()),
  }),
);
export type BlueprintsAnswer = Static<typeof blueprintsAnswer>;

export const blueprintParams = Type.Object({ name });
export const graphQuery = Type.Object({ format: Type.Optional(words("dot", "svg")) });
