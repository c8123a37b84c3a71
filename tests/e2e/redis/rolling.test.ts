// Two engines are replaced one by one by a newer release, which has a state and a blueprint more, while jobs come in.
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { asClient, ended, Fleet, type Member } from "./fleet.ts";

const flow = (name: string, middle: string) => `
export const ${name} = new StateMachineBlueprint({ name: "${name}", apiVersion: "v1", apiEndpoint: "/${name}" });
${name}.handlerFor("start", { isStart: true }, ({ actions }) => actions.sleep({ seconds: 0.3 }, "${middle === "" ? "end" : "middle"}"));
${middle}
${name}.handlerFor("end", { isEnd: true }, ({ stateHistory }) => ({ by: process.env.INSTANCE_ID, ...stateHistory }));
`;
const middle = (name: string) => `
${name}.handlerFor("middle", ({ actions, stateHistory }) => {
  stateHistory.middle = process.env.INSTANCE_ID;
  return actions.transitionTo("end");
});`;
const head = 'import { StateMachineBlueprint } from "avtomatika";\n';
const fleet = new Fleet(head + flow("order", ""));
fleet.folder.write("newer.ts", head + flow("order", middle("order")) + flow("refund", middle("refund")));

test("nothing fails while a fleet is replaced, and what only the newer engines know is done by them", async () => {
  const old = await fleet.startAll(["old1", "old2"]);
  const members = [...old];
  const jobs: string[] = [];
  let isOver = false;
  /** As a client behind a load balancer: what one engine doesn't take another does. */
  const create = async (path: string, candidates: readonly Member[], n: number): Promise<void> => {
    for (let turn = n; ; turn++) {
      const at = candidates[turn % candidates.length] as Member;
      const answer = await asClient(at, "POST", `/api/v1/${path}`, {}).catch(() => null);
      if (answer?.status === 202) return void jobs.push(answer.body.job_id);
    }
  };
  const load = (async () => {
    for (let n = 0; !isOver; n++) {
      await create("order", members, n);
      await setTimeout(20);
    }
  })();
  const newer: Member[] = [];
  for (const [n, leaving] of old.entries()) {
    const one = await fleet.start(`new${n + 1}`, {}, "newer.ts");
    newer.push(one);
    members.push(one);
    // Beside each other: what the newer one begins comes to a state that the older one lacks.
    for (let job = 0; job < 20; job++) await create("refund", newer, job);
    await setTimeout(600);
    members.splice(members.indexOf(leaving), 1);
    leaving.program.child.kill("SIGTERM");
    expect((await leaving.program.end).code).toBe(0);
  }
  isOver = true;
  await load;
  const views = await Promise.all(jobs.map((id) => ended(newer[0] as Member, id)));
  expect(views.filter(({ status }) => status !== "finished")).toEqual([]);
  const middles = views.map(({ result }) => result.middle).filter((by) => by !== undefined);
  expect(middles.length).toBeGreaterThan(40);
  expect(middles.filter((by) => !by.startsWith("new"))).toEqual([]);
  expect(views.filter(({ blueprint_name }) => blueprint_name === "refund")).toHaveLength(40);
});
