// Data stores: what handlers need of the outside world, given to the blueprint by name.
import assert from "node:assert/strict";
import { StateMachineBlueprint } from "avtomatika";
import { serve } from "../support/serve.ts";

/** Stands for a cache or a database client. */
const cache = new Map([["user:123", { name: "Ada" }]]);

const flow = new StateMachineBlueprint({
  name: "blueprint_with_datastore",
  apiVersion: "v1",
  apiEndpoint: "/jobs/users",
  dataStores: { cache },
});
flow.addDataStore("audit", [] as string[]);

flow.handlerFor("get_from_cache", { isStart: true }, async ({ initialData, dataStores, stateHistory, actions }) => {
  // Only JSON goes into stateHistory: the store itself stays outside.
  stateHistory.user = (await dataStores.cache.get(`user:${initialData.id}`)) ?? null;
  dataStores.audit.push(initialData.id);
  return actions.transitionTo("done");
});
flow.handlerFor("done", { isEnd: true }, ({ user, dataStores }) => ({ user, asked: dataStores.audit.length }));

await serve({ blueprints: [flow] }, async (client) => {
  const known = await client.run("/api/v1/jobs/users", { id: 123 });
  assert.deepEqual(known.result, { user: { name: "Ada" }, asked: 1 });
  const unknown = await client.run("/api/v1/jobs/users", { id: 7 });
  assert.deepEqual(unknown.result, { user: null, asked: 2 });
  console.log(`ok: the handler found ${known.result.user.name} in the cache`);
});
