import { afterEach, expect, test, vi } from "vitest";
import { StateMachineBlueprint } from "#core/blueprint";
import type { HandlerContext } from "#core/context";
import {
  InvalidInputError,
  PermanentError,
  type TestBlueprintOptions,
  type TestKit,
  TransientError,
  testBlueprint,
} from "#testing";
import { children, orderFlow } from "./order.ts";

const open: TestKit[] = [];
afterEach(() => {
  for (const kit of open.splice(0)) kit.close();
});

async function kit(flow: StateMachineBlueprint, options: TestBlueprintOptions = {}): Promise<TestKit> {
  const t = await testBlueprint(flow, options);
  open.push(t);
  return t;
}

/** One start state, and the ends `done` and `failed`. */
function flow(start: (context: HandlerContext) => unknown): StateMachineBlueprint {
  return new StateMachineBlueprint({ name: "flow" })
    .handlerFor("start", { isStart: true, transitions: ["done"] }, start)
    .handlerFor("done", { isEnd: true }, () => {});
}

/** One task of type `x`. */
function oneTask(options: object = {}): StateMachineBlueprint {
  return flow(({ actions }) =>
    actions.dispatchTask({ taskType: "x", params: { n: 1 }, transitions: { success: "done" }, ...options }),
  );
}

test("an order runs from start to end, in virtual time", async () => {
  const t = await kit(orderFlow(), { blueprints: children });
  t.worker("reserve", ({ item }) => ({ shelf: item.length }));
  const job = await t.run({ item: "tea" });
  expect(job).toMatchObject({
    blueprintName: "order",
    status: "waiting_for_human",
    currentState: "review",
    initialData: { item: "tea" },
    stateHistory: { shelf: 3 },
    waitingFor: { kind: "human", decisions: ["approved", "rejected"] },
    result: null,
  });
  expect(t.now()).toEqual(new Date("2030-01-01"));
  const approved = await t.approve(job.id, "approved", { comment: "fine", metadata: { by: "me" } });
  expect(approved.stateHistory["approval"]).toMatchObject({ comment: "fine", metadata: { by: "me" } });
  await t.advance({ days: 1, hours: 23, minutes: 59 });
  expect((await t.get(job.id)).status).toBe("sleeping");
  await t.advance("1 min");
  expect(await t.get(job.id)).toMatchObject({ status: "finished", result: { invoice: `R-${job.id}` } });
  expect(t.now()).toEqual(new Date("2030-01-03"));
  expect(t.history(job.id).map(({ state, eventType }) => [state, eventType])).toEqual([
    ["reserve", "task_dispatched"],
    ["review", "approval_requested"],
    ["cool_off", "sleep_started"],
    ["charge", "state_finished"],
    ["bill", "sub_blueprint_started"],
    ["done", "job_finished"],
  ]);
  expect(t.history(job.id)[3]).toEqual({
    state: "charge",
    eventType: "state_finished",
    at: "2030-01-03T00:00:00.000Z",
    nextState: "bill",
  });
});

test("a run with an approval, a timer and a child takes a few milliseconds", async () => {
  const order = orderFlow();
  const times: number[] = [];
  for (let run = 0; run < 20; run++) {
    const begun = performance.now();
    const t = await kit(order, { blueprints: children });
    t.worker("reserve", () => ({}));
    const { id } = await t.run({ item: "tea" });
    await t.approve(id, "approved");
    expect((await t.settled(id)).status).toBe("finished");
    times.push(performance.now() - begun);
  }
  const median = times.sort((a, b) => a - b)[times.length / 2] as number;
  console.log(`the test kit: an order takes ${median.toFixed(1)} ms`);
});

test("settled moves time as far as needed, and says why it can't", async () => {
  const t = await kit(orderFlow(), { blueprints: children });
  t.worker("reserv", () => ({}));
  const id = await t.create({ item: "tea" });
  await expect(t.settled(id)).rejects.toThrow(
    `job ${id} can't go on by itself: Task "reserve" is queued. No worker supports "reserve". ` +
      'Add t.worker("reserve", …) (the test has one for "reserv").',
  );
  t.worker("reserve", () => ({}));
  await expect(t.settled(id)).rejects.toThrow(`Decide with t.approve("${id}", "approved" | "rejected").`);
  await t.approve(id, "rejected");
  expect((await t.settled(id)).currentState).toBe("refused");
});

test("the explanation of a parent goes on with its child's", async () => {
  const child = flow(({ actions }) =>
    actions.awaitHumanApproval({ integration: "mail", message: "?", transitions: { yes: "done" } }),
  );
  const parent = new StateMachineBlueprint({ name: "parent" }).handlerFor("start", { isStart: true }, ({ actions }) =>
    actions.runBlueprint({ blueprintName: "flow", initialData: {}, transitions: { success: "finished" } }),
  );
  const t = await kit(parent, { blueprints: [child] });
  const job = await t.run();
  expect(job.status).toBe("waiting_for_sub_job");
  expect(await t.explain(job.id)).toMatch(/waits for its child .* Decide with t\.approve/);
  await t.approve(job.childJobId as string, "yes");
  expect((await t.get(job.id)).status).toBe("finished");
});

test("workers follow the rules of the SDK", async () => {
  const t = await kit(oneTask());
  const results: [unknown, object][] = [
    [{ path: "/a" }, { path: "/a" }],
    [{ status: "success", data: { path: "/b" } }, { path: "/b" }],
    [{ data: { path: "/c" } }, { path: "/c" }],
    [
      { data: 1, other: 2 },
      { data: 1, other: 2 },
    ],
    [{ status: 5 }, { status: 5 }],
    ["text", {}],
    [[1], {}],
    [undefined, {}],
  ];
  for (const [returned, stateHistory] of results) {
    t.worker("x", () => returned);
    expect(await t.run()).toMatchObject({ status: "finished", stateHistory });
  }
  t.worker("x", () => ({ n: 10n }));
  expect(await t.run()).toMatchObject({ status: "quarantined", errorMessage: expect.stringContaining("BigInt") });
  t.worker("x", () => ({ error: new InvalidInputError("bad"), status: "failure" }));
  expect(await t.run()).toMatchObject({ status: "failed", errorMessage: expect.stringContaining("bad") });
});

test("a worker's errors set the code, its context tells of the task", async () => {
  const t = await kit(oneTask());
  t.worker("x", () => {
    throw new PermanentError("never");
  });
  expect(await t.run()).toMatchObject({ status: "quarantined", errorMessage: expect.stringContaining("never") });
  t.worker("x", () => Promise.reject(new InvalidInputError("bad n")));
  expect(await t.run()).toMatchObject({ status: "failed", errorMessage: expect.stringContaining("bad n") });
  const seen: unknown[] = [];
  t.worker("x", async (params, { taskId, jobId, attempt, deadline, signal, progress }) => {
    await progress(0.5, "half");
    seen.push(params, taskId.startsWith(jobId), attempt, deadline > t.now(), signal.aborted);
    if (attempt < 3) throw attempt === 1 ? new TransientError("again") : new Error("again");
  });
  const job = await t.run();
  expect(job).toMatchObject({ status: "awaiting_retry", waitingFor: { kind: "worker", phase: "backoff" } });
  expect((await t.settled(job.id)).status).toBe("finished");
  expect(seen.filter((_, at) => at % 5 === 2)).toEqual([1, 2, 3]);
  expect(seen.slice(0, 5)).toEqual([{ n: 1 }, true, 1, true, false]);
});

test("a worker that hangs runs into its deadline, and hears of a cancel", async () => {
  const t = await kit(oneTask({ timeoutSeconds: 600, retry: { maxRetries: 0 } }));
  const reasons: string[] = [];
  t.worker("x", (_, { sleep }) =>
    sleep().catch((reason: Error) => {
      reasons.push(reason.name);
      throw reason;
    }),
  );
  const late = await t.run();
  expect(late.waitingFor).toMatchObject({ kind: "worker", phase: "leased" });
  await t.advance("599 s");
  expect((await t.get(late.id)).status).toBe("waiting_for_worker");
  expect(await t.settled(late.id)).toMatchObject({ status: "quarantined" });
  const cancelled = await t.run();
  expect((await t.cancel(cancelled.id)).status).toBe("cancelled");
  await t.advance("1 min");
  expect(reasons).toEqual(["TimeoutError", "AbortError"]);
  await expect(t.cancel(cancelled.id)).rejects.toThrow("has ended");
});

test("requirements are held against what the worker is like", async () => {
  const t = await kit(oneTask({ resourceRequirements: { cpu_cores: 4 } }));
  t.worker("x", { resources: { cpu_cores: 2 } }, () => ({}));
  const job = await t.run();
  expect(job.status).toBe("waiting_for_worker");
  t.worker("x", { resources: { cpu_cores: 8 } }, () => ({}));
  expect((await t.settled(job.id)).status).toBe("finished");
});

test("more tasks than a worker may hold wait for it", async () => {
  const many = new StateMachineBlueprint({ name: "many" })
    .handlerFor("start", { isStart: true }, ({ actions }) =>
      actions.dispatchParallel({
        tasks: Array.from({ length: 25 }, (_, n) => ({ taskType: "x", params: { n } })),
        aggregateInto: "joined",
      }),
    )
    .aggregatorFor("joined", { isEnd: true }, ({ aggregationResults }) => ({
      sum: Object.values(aggregationResults).reduce((sum, { data }) => sum + data.n, 0),
    }));
  const t = await kit(many);
  let [atOnce, most] = [0, 0];
  t.worker("x", { maxConcurrentTasks: 3 }, async ({ n }, { sleep }) => {
    most = Math.max(most, ++atOnce);
    await sleep("10 s");
    atOnce -= 1;
    return { n };
  });
  const job = await t.run();
  expect(job.status).toBe("waiting_for_parallel_tasks");
  expect((await t.settled(job.id)).result).toEqual({ sum: 300 });
  expect(most).toBe(3);
});

test("quarantined jobs are requeued and discarded", async () => {
  let isBroken = true;
  const t = await kit(
    flow(({ stateHistory, actions }) => {
      if (isBroken) throw new Error("broken");
      return actions.finish(stateHistory);
    }),
    { settings: { jobMaxRetries: 1 } },
  );
  const job = await t.run();
  expect(job).toMatchObject({ status: "awaiting_retry", waitingFor: { kind: "retry", errorMessage: "broken" } });
  expect((await t.settled(job.id)).status).toBe("quarantined");
  await expect(t.requeue(job.id, { state: "dune" })).rejects.toThrow('there is no state "dune", did you mean "done"?');
  isBroken = false;
  expect(await t.requeue(job.id, { patch: { n: 2 } })).toMatchObject({ status: "finished", result: { n: 2 } });
  await expect(t.discard(job.id)).rejects.toThrow("is not quarantined");
  await expect(t.requeue(job.id)).rejects.toThrow("is not quarantined");
  isBroken = true;
  const other = await t.settled(await t.create());
  expect(await t.discard(other.id)).toMatchObject({ status: "quarantined", discardedAt: expect.any(String) });
  expect(t.history(job.id).map(({ eventType }) => eventType)).toEqual([
    "retry_scheduled",
    "job_quarantined",
    "job_requeued",
    "job_finished",
  ]);
  expect(t.history(other.id).at(-1)?.eventType).toBe("job_discarded");
});

test("real work is waited for, and what hangs is not", async () => {
  const real = flow(async ({ actions }) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return actions.transitionTo("done");
  });
  const t = await kit(real);
  expect((await t.run()).status).toBe("finished");
  expect(t.now()).toEqual(new Date("2030-01-01"));
  const hanging = flow(({ signal }) => new Promise((resolve) => signal.addEventListener("abort", resolve)));
  const h = await kit(hanging, { patienceMs: 20 });
  const job = await h.run();
  expect(job.status).toBe("running");
  await expect(h.settled(job.id)).rejects.toThrow('The handler of state "start" runs now');
  expect((await h.cancel(job.id)).status).toBe("cancelled");
});

test("fake timers of a test runner don't stop it", async () => {
  vi.useFakeTimers();
  try {
    const t = await kit(oneTask());
    t.worker("x", async () => ({}));
    expect((await t.run()).status).toBe("finished");
  } finally {
    vi.useRealTimers();
  }
});

test("wrong calls are told with the nearest right one", async () => {
  const order = orderFlow();
  await expect(testBlueprint(order, { blueprint: [] } as never)).rejects.toThrow('did you mean "blueprints"?');
  await expect(testBlueprint(order, { settings: { jobMaxRetry: 1 } as never })).rejects.toThrow('"jobMaxRetries"');
  await expect(testBlueprint(order, { blueprints: [orderFlow()] })).rejects.toThrow('"order" already');
  await expect(testBlueprint({} as never)).rejects.toThrow("expected a StateMachineBlueprint");
  await expect(testBlueprint(order, { startAt: "soon" })).rejects.toThrow("RFC 3339");
  const t = await kit(order, { startAt: "2031-02-03T04:05:06Z" });
  expect(t.now()).toEqual(new Date("2031-02-03T04:05:06Z"));
  expect(() => t.worker("$x", () => {})).toThrow("task type");
  expect(() => t.worker("x", 5 as never)).toThrow("a function");
  expect(() => t.worker("x", { resource: {} } as never, () => {})).toThrow('did you mean "resources"?');
  await expect(t.run({}, { priorty: 1 } as never)).rejects.toThrow('did you mean "priority"?');
  await expect(t.run(5 as never)).rejects.toThrow("initialData");
  await expect(t.advance("2 dayz")).rejects.toThrow('unknown unit of time "dayz", did you mean "day"');
  await expect(t.get("nobody")).rejects.toThrow('there is no job "nobody"');
  const calls = [
    () => t.approve("nobody", "x"),
    () => t.cancel("nobody"),
    () => t.requeue("nobody"),
    () => t.discard("nobody"),
    () => t.explain("nobody"),
    () => t.settled("nobody"),
  ];
  for (const call of calls) await expect(call()).rejects.toThrow("there is no job");
  expect(() => t.history("nobody")).toThrow("there is no job");
  t.worker("reserve", () => ({}));
  const job = await t.run({ item: "tea" });
  await expect(t.approve(job.id, "aproved")).rejects.toThrow('did you mean "approved"?');
  await t.cancel(job.id);
  await expect(t.approve(job.id, "approved")).rejects.toThrow("waits for no decision");
  t.close();
  await expect(t.run()).rejects.toThrow("closed");
});

test("jobs and workers are still there ten years later", async () => {
  const t = await kit(oneTask());
  t.worker("x", () => ({}));
  const first = await t.run();
  await t.advance("520 weeks");
  expect((await t.get(first.id)).status).toBe("finished");
  expect((await t.run()).status).toBe("finished");
});
