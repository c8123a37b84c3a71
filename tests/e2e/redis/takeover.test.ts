// What a killed engine held goes on at another one: handlers, hand-outs, parked polls, waiting clients, fan-outs.
import { expect, test } from "vitest";
import { asClient, asWorker, ended, Fleet, type Member } from "./fleet.ts";

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
  actions.dispatchTask({ taskType: String(initialData.type), timeoutSeconds: 12, transitions: { success: "end" } }));
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

/** A worker at an engine that answers each task at once, until a promise is settled; how many it was given. */
async function workUntil(over: Promise<unknown>, at: Member, type: string): Promise<number> {
  const record = { worker_id: `worker-of-${type}`, supported_tasks: [type], max_concurrent_tasks: 100 };
  await asWorker(at, "POST", "/workers/register", record);
  let [count, isOver] = [0, false];
  void over.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const { body } = await asWorker(at, "GET", `/workers/${record.worker_id}/tasks/next?limit=100&timeout=1`);
    const tasks: { job_id: string; task_id: string }[] = body?.tasks ?? [];
    count += tasks.length;
    const results = tasks.map(({ job_id, task_id }) => ({ job_id, task_id, worker_id: record.worker_id, result: {} }));
    if (results.length > 0) await asWorker(at, "POST", "/tasks/results", { results });
  }
  return count;
}

test("handlers, tasks in a worker's hands, hand-outs that reached nobody, a fan-out: all of it goes on at another engine", async () => {
  const [dying, another, heir] = (await fleet.startAll(["dying", "another", "heir"])) as [Member, Member, Member];
  const create = async (at: Member, path: string, body: object): Promise<string> =>
    (await asClient(at, "POST", `/api/v1/${path}`, body)).body.job_id;
  // It dies with the fan-out under way.
  const fan = await create(another, "fan", {});
  for (const [id, type] of [
    ["holder", "held"],
    ["ghost", "lost"],
  ]) {
    await asWorker(dying, "POST", "/workers/register", { worker_id: id, supported_tasks: [type] });
  }
  const stuck = await Promise.all(Array.from({ length: 5 }, () => create(dying, "stuck", {})));
  await dying.program.told("it is stuck", 5);
  const held = await create(dying, "task", { type: "held" });
  const task = (await asWorker(dying, "GET", "/workers/holder/tasks/next")).body;
  // A poll that is parked when its engine dies, and one that is answered at about that moment.
  const parked = asWorker(dying, "GET", "/workers/holder/tasks/next").catch(() => "broken");
  const handing = asWorker(dying, "GET", "/workers/ghost/tasks/next").catch(() => "broken");
  const lost = await create(dying, "task", { type: "lost" });
  await dying.kill();
  expect(await parked).toBe("broken");
  await handing;
  await another.program.end;

  const result = { job_id: held, task_id: task.task_id, worker_id: "holder", result: { data: { done: "held" } } };
  expect((await asWorker(heir, "POST", "/tasks/result", result)).body).toEqual({ status: "result_accepted_success" });
  // The ghost's process died with its engine: its task goes to the next one that can do it.
  const views = Promise.all([...stuck, held, lost].map((id) => ended(heir, id)));
  const joined = ended(heir, fan);
  const counts = await Promise.all([workUntil(views, heir, "lost"), workUntil(joined, heir, "branch")]);
  for (const { status, result } of await views) expect([status, result.by]).toEqual(["finished", "heir"]);
  expect((await views)[5].result.done).toBe("held");
  expect(await joined).toMatchObject({ status: "finished", result: { by: "heir", branches: 3000 } });
  expect(counts).toEqual([1, 3000]);
});
