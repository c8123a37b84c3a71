// Three engines, one of which is killed and started again: each timer, timeout and approval's end takes effect once.
import { expect, test } from "vitest";
import { asClient, ended, Fleet, type Member } from "./fleet.ts";

const fleet = new Fleet(`import { StateMachineBlueprint } from "avtomatika";
const named = (name) => new StateMachineBlueprint({ name, apiVersion: "v1", apiEndpoint: "/" + name });
const count = (stateHistory, name) => { stateHistory[name] = (stateHistory[name] ?? 0) + 1; };
export const sleeper = named("sleeper");
sleeper.handlerFor("start", { isStart: true }, ({ actions, initialData }) =>
  actions.sleep({ seconds: Number(initialData.seconds) }, "woken"));
sleeper.handlerFor("woken", ({ actions, stateHistory }) => {
  count(stateHistory, "woken");
  return stateHistory.woken < 3 ? actions.sleep({ seconds: 0.7 }, "woken") : actions.finish();
});
export const approval = named("approval");
approval.handlerFor("start", { isStart: true }, ({ actions }) =>
  actions.awaitHumanApproval({ integration: "x", message: "?", transitions: { approved: "end" }, timeoutSeconds: 2, timeoutState: "late" }));
approval.handlerFor("end", { isEnd: true }, () => {});
approval.handlerFor("late", ({ actions, stateHistory }) => {
  count(stateHistory, "late");
  return actions.finish();
});
export const nobody = named("nobody");
nobody.handlerFor("start", { isStart: true }, ({ actions }) =>
  actions.dispatchTask({ taskType: "nobody", dispatchTimeoutSeconds: 2, transitions: { success: "end", timeout: "late" } }));
nobody.handlerFor("end", { isEnd: true }, () => {});
nobody.handlerFor("late", ({ actions, stateHistory }) => {
  count(stateHistory, "late");
  return actions.finish();
});
export const failing = named("failing");
failing.handlerFor("start", { isStart: true }, ({ attempt, actions }) => {
  if (attempt < 3) throw new Error("again");
  return actions.finish({ attempt });
});
`);

test("each of 120 timers of four kinds fires once", async () => {
  const members = await fleet.startAll(["a", "b", "c"]);
  const kinds = ["sleeper", "approval", "nobody", "failing"];
  const jobs: { kind: string; id: string }[] = [];
  await Promise.all(
    Array.from({ length: 120 }, async (_, n) => {
      const kind = kinds[n % kinds.length] as string;
      const at = members[n % 3] as Member;
      const { body } = await asClient(at, "POST", `/api/v1/${kind}`, { seconds: 0.5 + (n % 10) / 5 });
      jobs.push({ kind, id: body.job_id });
    }),
  );
  // While the timers run out.
  await members[0]?.kill();
  members[0] = await fleet.start("a2");
  await members[1]?.kill();
  const views = await Promise.all(
    jobs.map(async ({ kind, id }) => ({ kind, view: await ended(members[2] as Member, id) })),
  );
  for (const { kind, view } of views) {
    const { woken, late } = view.state_history;
    expect([kind, view.status], view.error_message).toEqual([kind, "finished"]);
    if (kind === "sleeper") expect(woken).toBe(3);
    if (kind === "approval" || kind === "nobody") expect(late).toBe(1);
    // Runs that were lost with an engine count as attempts too.
    if (kind === "failing") expect(view.result.attempt).toBeGreaterThanOrEqual(3);
  }
  expect(views).toHaveLength(120);
});
