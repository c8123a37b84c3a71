// Quotas and rate limits of a client that calls several engines at once, one of which is killed.
import { expect, test } from "vitest";
import { type Answer, asClient, Fleet, type Member } from "./fleet.ts";

const fleet = new Fleet(`import { StateMachineBlueprint } from "avtomatika";
export const flow = new StateMachineBlueprint({ name: "flow", apiVersion: "v1", apiEndpoint: "/flow" });
flow.handlerFor("start", { isStart: true }, ({ actions }) => actions.sleep({ seconds: 3600 }, "end"));
flow.handlerFor("end", { isEnd: true }, () => {});
`);
const client = (name: string) => `[${name}]\ntoken = "${name}-token"\nmonthly_attempts = 60\n`;
fleet.folder.write("clients.toml", client("calm") + client("stormy"));

const create = (at: Member, token: string) => asClient(at, "POST", "/api/v1/flow", {}, token);
const jobsOf = async (at: Member, token: string): Promise<unknown[]> =>
  (await asClient(at, "GET", "/api/v1/jobs?limit=1000", undefined, token)).body;

test("a quota is exact over three engines, and not exceeded when one is killed under load", async () => {
  const env = { CLIENTS_CONFIG_PATH: "clients.toml" };
  fleet.newStore();
  const members = await fleet.startAll(["a", "b", "c"], env);
  const answers = await Promise.all(
    Array.from({ length: 150 }, (_, n) => create(members[n % 3] as Member, "calm-token")),
  );
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(60);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(90);
  expect(await jobsOf(members[0] as Member, "calm-token")).toHaveLength(60);

  const dying = members[2] as Member;
  let accepted = 0;
  const creators = Array.from({ length: 12 }, async (_, n) => {
    const at = members[n % 3] as Member;
    for (let tries = 0; tries < 15; tries++) {
      const answer = await create(at, "stormy-token").catch(() => null);
      if (answer === null) return;
      if (answer.status === 202 && ++accepted === 20) dying.program.child.kill("SIGKILL");
    }
  });
  await Promise.all(creators);
  await dying.program.end;
  const living = members[0] as Member;
  const jobs = await jobsOf(living, "stormy-token");
  expect(jobs.length).toBeGreaterThanOrEqual(accepted);
  expect(jobs.length).toBeLessThanOrEqual(60);
  // What was charged and not created is wasted: at most what the dying engine had under way.
  expect(jobs.length).toBeGreaterThanOrEqual(60 - 4);
  expect((await create(living, "stormy-token")).status).toBe(429);
});

test("a rate limit holds over two engines, one of which is killed and started again", async () => {
  const [perSecond, burst] = [20, 40];
  fleet.newStore();
  const env = { CREATION_RATE_LIMIT_PER_SECOND: String(perSecond), CREATION_RATE_LIMIT_BURST: String(burst) };
  const members = await fleet.startAll(["d", "e"], env);
  const admitted: { from: number; to: number }[] = [];
  const refused: Answer[] = [];
  let isOver = false;
  const callers = Array.from({ length: 8 }, async (_, n) => {
    while (!isOver) {
      const from = performance.now();
      const answer = await asClient(members[n % 2] as Member, "POST", "/api/v1/flow", {}).catch(() => null);
      if (answer?.status === 202) admitted.push({ from, to: performance.now() });
      else if (answer?.status === 429) refused.push(answer);
    }
  });
  while (admitted.length < burst) await new Promise((resolve) => setImmediate(resolve));
  await members[1]?.kill();
  members[1] = await fleet.start("e2", env);
  while (admitted.length < 3 * burst) await new Promise((resolve) => setImmediate(resolve));
  isOver = true;
  await Promise.all(callers);
  // In any span: burst + rate · t. What was asked and answered in it was decided in it.
  for (const { from } of admitted) {
    const later = admitted.filter((call) => call.from >= from);
    for (const [at, { to }] of later.sort((a, b) => a.to - b.to).entries()) {
      expect(at + 1).toBeLessThanOrEqual(burst + (perSecond * (to - from)) / 1000);
    }
  }
  expect(refused.length).toBeGreaterThan(0);
  expect(Number(refused[0]?.headers["retry-after"])).toBeGreaterThan(0);
});
