// What a killed engine held goes on at another one: handlers, hand-outs, parked polls, waiting clients, fan-outs.
import { expect, test } from "vitest";
import { asClient, asWorker, ended, Fleet } from "./fleet.ts";

const fleet = new Fleet(`import { StateMachineBlueprint } from "avtomatika";
const named = (name) => new StateMachineBlueprint({ name, apiVersion: "v1", apiEndpoint: "/" + name });
const by = process.env.INSTANCE_ID;
export const stuck = named("stuck");
stuck.handlerFor("start", { isStart: true }, ({ attempt, actions }) => {
  if (attempt > 1) return actions.finish({ by });
  console.error("it is stuck");
  return new Promise(() => {});
});
export const task = named("task");
task.handlerFor("start", { isStart: true }, ({ initialData, actions }) =>
  actions.dispatchTask({ taskType: String(initialData.type), transitions: { success: "end" } }));
task.handlerFor("end", { isEnd: true }, ({ stateHistory }) => ({ by, ...stateHistory }));
export const fan = named("fan");
fan.handlerFor("start", { isStart: true }, ({ attempt, once, actions }) => {
  const tasks = Array.from({ length: 3000 }, (_, n) => ({ taskType: "branch", params: { n } }));
  if (attempt === 1) setImmediate(() => process.kill(process.pid, "SIGKILL"));
  return actions.dispatchParallel({ tasks, aggregateInto: "joined" });
});
fan.aggregatorFor("joined", ({ aggregationResults, actions }) =>
  actions.finish({ by, branches: new Set(Object.values(aggregationResults).map(({ index }) => index)).size }));
`);

test("handlers, tasks in a worker's hands, hand-outs that reached nobody: all of it ends at another engine", async () => {
  fleet.newStore();
  const [dying, heir] = await fleet.startAll(["dying", "heir"]);
  if (dying === undefined || heir === undefined) throw new Error("no engines");
  const create = async (path: string, body: object) =>
    (await asClient(dying, "POST", `/api/v1/${path}`, body)).body.job_id;
  for (const [id, type] of [
    ["holder", "held"],
    ["ghost", "lost"],
  ]) {
    await asWorker(dying, "POST", "/workers/register", { worker_id: id, supported_tasks: [type] });
  }
  const stuck = await Promise.all(Array.from({ length: 5 }, () => create("stuck", {})));
  await dying.program.told("it is stuck", 5);
  const held = await create("task", { type: "held" });
  const task = (await asWorker(dying, "GET", "/workers/holder/tasks/next")).body;
  // A poll that is parked when its engine dies, and one that is answered at that moment.
  const parked = asWorker(dying, "GET", "/workers/holder/tasks/next").catch(() => "broken");
  const handing = asWorker(dying, "GET", "/workers/ghost/tasks/next").catch(() => "broken");
  const lost = await create("task", { type: "lost" });
  const waiting = [...stuck, held, lost].map((id) => ended(heir, id));
  await dying.kill();
  expect(await parked).toBe("broken");
  await handing;
  const result = { job_id: held, task_id: task.task_id, worker_id: "holder", result: { data: { done: "held" } } };
  expect((await asWorker(heir, "POST", "/tasks/result", result)).body).toEqual({ status: "result_accepted_success" });
  // The ghost's process died with the engine: its task goes to the next one that can do it.
  await asWorker(heir, "POST", "/workers/register", { worker_id: "second", supported_tasks: ["lost"] });
  for (let next = null; next === null; ) {
    next = (await asWorker(heir, "GET", "/workers/second/tasks/next?timeout=20")).body;
    if (next !== null) {
      const answer = { job_id: lost, task_id: next.task_id, worker_id: "second", result: { data: { done: "lost" } } };
      expect((await asWorker(heir, "POST", "/tasks/result", answer)).body).toEqual({
        status: "result_accepted_success",
      });
    }
  }
  const views = await Promise.all(waiting);
  expect(views.map(({ status }) => status)).toEqual(views.map(() => "finished"));
  expect(views.map(({ result: { by, done } }) => [by, done])).toEqual([
    ...stuck.map(() => ["heir", undefined]),
    ["heir", "held"],
    ["heir", "lost"],
  ]);
});

test("an engine that dies with a fan-out under way leaves nothing of it: it is made once, whole", async () => {
  fleet.newStore();
  const [dying, heir] = await fleet.startAll(["dying", "heir"]);
  if (dying === undefined || heir === undefined) throw new Error("no engines");
  const { body } = await asClient(dying, "POST", "/api/v1/fan", {});
  await dying.program.end;
  await asWorker(heir, "POST", "/workers/register", {
    worker_id: "w",
    supported_tasks: ["branch"],
    max_concurrent_tasks: 100,
  });
  let [branches, isOver] = [0, false];
  const view = ended(heir, body.job_id).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const polled = (await asWorker(heir, "GET", "/workers/w/tasks/next?limit=100&timeout=1")).body;
    const tasks: { job_id: string; task_id: string }[] = polled?.tasks ?? [];
    branches += tasks.length;
    const results = tasks.map(({ job_id, task_id }) => ({ job_id, task_id, worker_id: "w", result: {} }));
    if (results.length > 0) await asWorker(heir, "POST", "/tasks/results", { results });
  }
  expect(await view).toMatchObject({ status: "finished", result: { by: "heir", branches: 3000 } });
  expect(branches).toBe(3000);
});
