// SIGTERM to one engine of two: its jobs go on at the other at once, no result is lost, polls are told to go elsewhere.
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { asClient, asWorker, ended, Fleet } from "./fleet.ts";

const fleet = new Fleet(`import { StateMachineBlueprint } from "avtomatika";
import { setTimeout } from "node:timers/promises";
const named = (name) => new StateMachineBlueprint({ name, apiVersion: "v1", apiEndpoint: "/" + name });
const by = process.env.INSTANCE_ID;
export const slow = named("slow");
slow.handlerFor("start", { isStart: true }, async ({ actions, stateHistory }) => {
  console.error("it is slow");
  await setTimeout(3000);
  stateHistory.first = { by, at: Date.now() };
  return actions.transitionTo("next");
});
slow.handlerFor("next", ({ actions, stateHistory }) => {
  stateHistory.next = { by, at: Date.now() };
  return actions.finish();
});
export const task = named("task");
task.handlerFor("start", { isStart: true }, ({ actions }) =>
  actions.dispatchTask({ taskType: "work", transitions: { success: "end" } }));
task.handlerFor("end", { isEnd: true }, () => ({ by }));
`);

test("an engine that is told to stop lets its handlers finish, takes results, and leaves the rest to the other", async () => {
  const [leaving, staying] = await fleet.startAll(["leaving", "staying"]);
  if (leaving === undefined || staying === undefined) throw new Error("no engines");
  for (const worker_id of ["w", "late"]) {
    await asWorker(leaving, "POST", "/workers/register", { worker_id, supported_tasks: ["work"] });
  }
  const create = async (path: string) => (await asClient(leaving, "POST", `/api/v1/${path}`, {})).body.job_id;
  const held = await create("task");
  const task = (await asWorker(leaving, "GET", "/workers/w/tasks/next")).body;
  const parked = asWorker(leaving, "GET", "/workers/w/tasks/next");
  const slow = await Promise.all([create("slow"), create("slow"), create("slow")]);
  await leaving.program.told("it is slow", 3);
  leaving.program.child.kill("SIGTERM");
  await setTimeout(300);
  // It hands out nothing any more: this task is for the other engine's workers.
  const left = await create("task");
  const late = asWorker(leaving, "GET", "/workers/late/tasks/next");
  const result = { job_id: held, task_id: task.task_id, worker_id: "w", result: {} };
  expect((await asWorker(leaving, "POST", "/tasks/result", result)).body).toEqual({
    status: "result_accepted_success",
  });
  for (const poll of [parked, late]) {
    const { status, headers } = await poll;
    expect([status, headers["connection"]]).toEqual([204, "close"]);
  }
  expect((await leaving.program.end).code).toBe(0);
  const views = await Promise.all(slow.map((id) => ended(staying, id)));
  for (const { status, state_history } of views) {
    expect(status).toBe("finished");
    const { first, next } = state_history;
    expect([first.by, next.by]).toEqual(["leaving", "staying"]);
    // Given back, not run out: a lease takes twelve seconds for that.
    expect(next.at - first.at).toBeLessThan(6000);
  }
  expect(await ended(staying, held)).toMatchObject({ status: "finished", result: { by: "staying" } });
  const next = (await asWorker(staying, "GET", "/workers/w/tasks/next")).body;
  expect(next.job_id).toBe(left);
  await asWorker(staying, "POST", "/tasks/result", { ...result, job_id: left, task_id: next.task_id });
  expect(await ended(staying, left)).toMatchObject({ status: "finished", result: { by: "staying" } });
});
