// The smallest program: a blueprint, an engine, a job.
import assert from "node:assert/strict";
import { loadConfig, MemoryStorage, OrchestratorEngine, StateMachineBlueprint } from "avtomatika";
import { Client } from "../support/client.ts";

const flow = new StateMachineBlueprint({
  name: "my_first_blueprint",
  apiVersion: "v1",
  apiEndpoint: "/jobs/my_flow",
});

flow.handlerFor("start", { isStart: true }, ({ jobId, initialData, actions }) => {
  console.log(`job ${jobId} starts with ${JSON.stringify(initialData)}`);
  actions.transitionTo("end");
});
flow.handlerFor("end", { isEnd: true }, ({ jobId }) => {
  console.log(`job ${jobId} is complete`);
});

const clientToken = "my-secret-client-token";
const config = loadConfig({ clientToken, globalWorkerToken: "my-secret-worker-token" });
config.apiPort = 0;
config.apiHost = "127.0.0.1";
config.logLevel = "warn";
const engine = new OrchestratorEngine({ storage: new MemoryStorage(), config });
engine.registerBlueprint(flow);
await engine.start();

const client = new Client(engine.address, clientToken);
const job = await client.run("/api/v1/jobs/my_flow", { name: "first" });
assert.equal(job.status, "finished");
assert.equal(job.current_state, "end");
console.log(`ok: the job is ${job.status} in state ${job.current_state}`);
await engine.stop();
