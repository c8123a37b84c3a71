import type { Group } from "#server/openapi/errors";
import type { Tag } from "#server/openapi/operation";

/** What goes for the whole document. Markdown. */
export const about = [
  "A workflow orchestrator: clients create jobs of the registered blueprints, workers take their tasks.",
  "Every error from 400 on has the form of `Error`. Before a route is found a request can be answered `400` (it is no " +
    "HTTP/1.1, or its path can't be decoded), `404` (there is no such route), `405` (it has other methods, named in " +
    "`Allow`) and `431` (its headers are too large). Every `GET` has a `HEAD`, but the one that takes tasks.",
  "Times are RFC 3339 in UTC with milliseconds; a task's `deadline` is in Unix seconds. Request bodies are JSON in " +
    "UTF-8, at most 100 levels deep. In requests `null` in an optional key means absent, and unknown keys are ignored. " +
    "Integers beyond ±(2^53−1) become strings of their digits; `NaN` and infinities are `null` in workers' bodies, and " +
    "refused in others.",
].join("\n\n");

/** How a caller says who it is. */
export const securitySchemes: Readonly<Record<string, object>> = {
  AvtomatikaToken: { type: "apiKey", in: "header", name: "X-Avtomatika-Token" },
  ClientToken: { type: "apiKey", in: "header", name: "X-Client-Token" },
  ClientBearer: { type: "http", scheme: "bearer" },
  WorkerToken: { type: "apiKey", in: "header", name: "X-Worker-Token" },
};

const ofGroup: Readonly<Record<Group, readonly string[]>> = {
  public: [],
  client: ["AvtomatikaToken", "ClientToken", "ClientBearer"],
  worker: ["WorkerToken"],
};

/** Any of the schemes will do; of several the first that is there counts. */
export function securityOf(group: Group): { security: object[] } {
  return { security: ofGroup[group].map((name) => ({ [name]: [] })) };
}

const order: readonly Tag[] = ["Jobs", "Quarantine", "Blueprints", "Fleet", "Workers", "Tasks", "Public"];

/** The place of a tag: blueprints come first, then the engine's own groups, other versions after `v1`. */
export function tagOrder(tag: string): number {
  const [name = "", version] = tag.split(" (");
  return order.indexOf(name as Tag) + (version === undefined ? 0 : order.length);
}
