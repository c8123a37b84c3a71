import { expect, test } from "vitest";
import { type SimulateOptions, SimulationError, simulate } from "#testing";
import { charges, children, orderFlow } from "./order.ts";

const ends: Record<string, string> = { finished: "done", failed: "refused" };

const options: SimulateOptions = {
  blueprints: children,
  workers: { reserve: ({ item }) => ({ shelf: item.length }) },
  jobs: [{ item: "tea" }, { item: "milk" }],
  before: () => charges.clear(),
  expect: (job, { children: own, history, runs }) => {
    expect(job.currentState).toBe(ends[job.status]);
    expect(charges.get(job.id) ?? 0).toBe(job.status === "finished" ? 1 : 0);
    expect(own.length).toBe(job.status === "finished" ? 1 : 0);
    expect(history.at(-1)?.state).toBe(job.currentState);
    expect(runs).toBeGreaterThanOrEqual(history.length);
  },
};

test("a careful blueprint passes 200 seeds, and every kind of fault occurs", async () => {
  const report = await simulate(orderFlow(), { ...options, seeds: 200 });
  expect(report.seeds).toBe(200);
  expect(Object.keys(report.faults)).toEqual(
    expect.arrayContaining(["engine killed", "worker killed", "task failed", "call not applied", "reply lost"]),
  );
  expect(Object.keys(report.faults)).toEqual(
    expect.arrayContaining(["applied twice", "message lost", "message doubled", "task lost on its way"]),
  );
});

test("a side effect without once is found, with the seed that shows it", async () => {
  const careless = orderFlow(false);
  const failure = await simulate(careless, { ...options, seeds: 200 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SimulationError);
  const { seed, message } = failure as SimulationError;
  expect(message).toMatch(new RegExp(`^seed ${seed} breaks an expectation`));
  expect(message).toContain(`simulate(flow, { …, seed: ${seed} })`);
  expect(message).toContain("engine killed");
  const replayed = await simulate(careless, { ...options, seed }).catch((error: unknown) => error);
  expect(replayed).toMatchObject({ seed, message });
  await simulate(orderFlow(), { ...options, seed });
});

test("decisions are the test's to take, and a job that waits for ever is shown as it stands", async () => {
  const statuses = new Set<string>();
  await simulate(orderFlow(), {
    ...options,
    seeds: 5,
    jobs: [{ item: "tea" }],
    decide: () => null,
    expect: (job) => void statuses.add(job.status),
  });
  expect([...statuses]).toEqual(["waiting_for_human"]);
  await expect(simulate(orderFlow(), { ...options, seds: 5 } as never)).rejects.toThrow('did you mean "seeds"?');
});
