import type { HandlerContext } from "avtomatika/internal/core/context";
import { defaultEngineOptions } from "avtomatika/internal/engine/engine-options";
import { describe, expect, test } from "vitest";
import { flow, oneTask } from "./flows.ts";
import { client, openScene, type Scene } from "./harness.ts";

const x = { supported_tasks: ["x"] };
const quick = { retry: { maxRetries: 1, delayMs: 100, maxDelayMs: 100, factor: 1 } };
const requeue = (scene: Scene, jobId: string, order: { state?: string; patch?: object } = {}) =>
  scene.ask((engine) => engine.requeue(client, jobId, { state: order.state ?? null, patch: order.patch as never }));
const discard = (scene: Scene, jobId: string) => scene.ask((engine) => engine.discard(client, jobId));
const list = async (scene: Scene, quarantine: boolean) => {
  const filter = { status: null, blueprint: null, limit: 10, offset: 0, cursor: null, quarantine };
  return (await scene.ask((engine) => engine.listJobs(client, filter))).jobs.map(({ id }) => id);
};

describe("retry budgets", () => {
  test("transient failures in step 1 don't reduce the retries of step 2", async () => {
    const attempts: string[] = [];
    const step =
      (state: string, next: string) =>
      ({ actions, attempt }: HandlerContext) => {
        attempts.push(`${state}${attempt}`);
        if (attempt < 4) throw new Error("transient");
        return actions.transitionTo(next);
      };
    const scene = await openScene({
      blueprints: () => [flow({ start: step("a", "second"), second: step("b", "done") })],
    });
    await scene.engine();
    expect((await scene.ended(await scene.create("flow"))).status).toBe("finished");
    expect(attempts).toEqual(["a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"]);
  });

  test("nor do a handler's retries reduce those of its task, or the other way round", async () => {
    const blueprint = flow({
      start: ({ actions, attempt }) => {
        if (attempt < 4) throw new Error("transient");
        return actions.dispatchTask({ taskType: "x", transitions: { success: "after" } });
      },
      after: ({ actions, attempt }) => {
        if (attempt < 4) throw new Error("transient");
        return actions.transitionTo("done");
      },
    });
    const scene = await openScene({ blueprints: () => [blueprint] });
    await scene.engine();
    const worker = scene.worker("w", x, ({ attempt }) => (attempt < 4 ? { status: "failure" } : {}));
    expect((await scene.ended(await scene.create("flow"))).status).toBe("finished");
    expect(worker.got.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
  });

  test("between attempts of a task the job is awaiting_retry, then waiting_for_worker again", async () => {
    const retry = { delaySeconds: 30, maxDelaySeconds: 30 };
    const scene = await openScene({ blueprints: () => [oneTask({ retry })] });
    await scene.engine();
    const worker = scene.worker("w", x, () => ({ status: "failure" }));
    const jobId = await scene.create("flow");
    await scene.reaches(jobId, (view) => view.status === "awaiting_retry");
    worker.kill();
    expect(await scene.summary(jobId)).toMatch(/^Task "x" failed and is tried again \(attempt 2\), until 2030-/);
    await scene.reaches(jobId, (view) => view.status === "waiting_for_worker", 31_000);
  });
});

describe("requeue", () => {
  /** Throws until it is patched; counts what ran. */
  const broken = (log: string[]) =>
    flow({
      start: ({ actions }) => actions.transitionTo("work"),
      work: async ({ once, idempotencyKey, attempt, stateHistory, actions }) => {
        const receipt = await once("pay", () => {
          log.push("paid");
          return idempotencyKey;
        });
        log.push(
          `${idempotencyKey.slice(-1)} ${attempt} ${String(stateHistory["fixed"])} ${receipt === idempotencyKey}`,
        );
        if (stateHistory["fixed"] !== true) throw new Error("boom");
        return actions.transitionTo("done");
      },
    });

  test.each([[undefined], ["work"]])(
    "with state %s continues the visit: once and idempotencyKey are kept, the budget is new",
    async (state) => {
      const log: string[] = [];
      const scene = await openScene({ blueprints: () => [broken(log)], settings: quick });
      await scene.engine();
      const jobId = await scene.create("flow");
      expect(await scene.ended(jobId)).toMatchObject({ status: "quarantined", state: "work" });
      const order = state === undefined ? {} : { state };
      expect((await requeue(scene, jobId, { ...order, patch: { wrong: 1 } })).outcome).toBe("accepted");
      expect(await scene.ended(jobId)).toMatchObject({ status: "quarantined", data: { wrong: 1 } });
      expect((await requeue(scene, jobId, { ...order, patch: { fixed: true, wrong: null } })).outcome).toBe("accepted");
      const view = await scene.ended(jobId);
      expect(view).toMatchObject({ status: "finished", error: null, result: { fixed: true } });
      const runs = [1, 2, 3, 4].map((attempt) => `2 ${attempt} undefined true`);
      expect(log).toEqual(["paid", ...runs, "2 5 true true"]);
    },
  );

  test("with another state is a new visit", async () => {
    const log: string[] = [];
    const scene = await openScene({ blueprints: () => [broken(log)], settings: quick });
    await scene.engine();
    const jobId = await scene.create("flow");
    await scene.ended(jobId);
    await requeue(scene, jobId, { state: "start", patch: { fixed: true } });
    expect((await scene.ended(jobId)).status).toBe("finished");
    expect(log.slice(-2)).toEqual(["paid", "4 1 true true"]);
  });

  test("the order can be seen once it is answered, and a waiting action is chosen again by running the handler", async () => {
    const attempts: number[] = [];
    const blueprint = flow({
      start: ({ actions, attempt }) => {
        attempts.push(attempt);
        return actions.dispatchTask({ taskType: "x", transitions: { success: "done" } });
      },
    });
    const scene = await openScene({ blueprints: () => [blueprint] });
    await scene.engine();
    scene.worker("w", x, ({ taskId }) =>
      taskId.includes("_1_0_") ? { status: "failure", error: { code: "PERMANENT_ERROR", message: "" } } : {},
    );
    const jobId = await scene.create("flow");
    await scene.ended(jobId);
    await requeue(scene, jobId);
    expect(await scene.job(jobId)).toMatchObject({ details: { job: { endedAt: null } }, error: null, result: null });
    expect((await scene.ended(jobId)).status).toBe("finished");
    // The run that the task's end took was none of the handler's.
    expect(attempts).toEqual([1, 2]);
  });

  test("is refused for a job that isn't quarantined, and for an unknown state, whose names it tells", async () => {
    const scene = await openScene({ blueprints: () => [broken([])], settings: quick });
    await scene.engine();
    const jobId = await scene.create("flow");
    await scene.ended(jobId);
    expect(await requeue(scene, jobId, { state: "nowhere" })).toMatchObject({
      outcome: "invalid_state",
      states: expect.arrayContaining(["start", "work", "done", "finished", "failed"]),
    });
    await requeue(scene, jobId, { patch: { fixed: true } });
    await scene.ended(jobId);
    expect((await requeue(scene, jobId)).outcome).toBe("closed");
    expect((await requeue(scene, jobId.replace(/^./, "f"))).outcome).toBe("unknown");
  });
});

test("discard keeps the status, takes the job out of the quarantine list, and can't be followed by a requeue", async () => {
  const scene = await openScene({ blueprints: () => [flow({ start: () => {} })], settings: { retentionMs: 60_000 } });
  const host = await scene.engine();
  const jobId = await scene.create("flow");
  await scene.ended(jobId);
  expect(await list(scene, true)).toEqual([jobId]);
  expect(await discard(scene, jobId)).toBe("accepted");
  expect(await list(scene, true)).toEqual([]);
  expect(await list(scene, false)).toEqual([jobId]);
  const view = await scene.job(jobId);
  expect(view.status).toBe("quarantined");
  expect(view.details.job.head.discardedAt).not.toBeNull();
  expect(await discard(scene, jobId)).toBe("closed");
  expect((await requeue(scene, jobId)).outcome).toBe("closed");
  // The retention runs from now.
  await scene.advance(30_000);
  expect((await scene.job(jobId)).status).toBe("quarantined");
  await scene.advance(90_000);
  expect(await scene.ask((engine) => engine.getJob(client, jobId), host)).toBeNull();
});

test("a quarantined job stays until an operator acts, however long", async () => {
  const scene = await openScene({
    blueprints: () => [flow({ start: () => {} })],
    settings: { retentionMs: 60_000 },
  });
  await scene.engine();
  const jobId = await scene.create("flow");
  await scene.ended(jobId);
  await scene.advance(600_000);
  expect((await scene.job(jobId)).status).toBe("quarantined");
});

describe("idempotent creation", () => {
  const create = async (scene: Scene, fingerprint: string, name = "client", key = "k") => {
    const creation = scene.creation(
      "flow",
      {},
      { idempotency: { key, fingerprint }, client: { id: name, plan: null, params: {}, monthlyAttempts: null } },
    );
    return (await scene.ask((engine) => engine.createJobs([creation])))[0];
  };

  test("the same key and request give the same job, anything else is a conflict, per client, for as long as keys are kept", async () => {
    const scene = await openScene({
      shards: 3,
      blueprints: () => [flow({ start: ({ actions }) => actions.finish() })],
      options: { idempotencyTtlMs: 60_000 },
    });
    expect(defaultEngineOptions.idempotencyTtlMs).toBe(86_400_000);
    await scene.engine();
    await scene.engine("f");
    const first = await create(scene, "a");
    expect(first?.outcome).toBe("created");
    const { jobId } = first as { jobId: string };
    expect(await create(scene, "a")).toEqual({ outcome: "existing", jobId });
    expect(await create(scene, "b")).toEqual({ outcome: "conflict", jobId });
    expect(await create(scene, "b", "other")).toMatchObject({ outcome: "created" });
    await scene.advance(59_000);
    expect(await create(scene, "a")).toEqual({ outcome: "existing", jobId });
    await scene.advance(2000);
    const later = await create(scene, "b");
    expect(later).toMatchObject({ outcome: "created" });
    expect((later as { jobId: string }).jobId).not.toBe(jobId);
  });

  test("two at once make one job", async () => {
    const scene = await openScene({ blueprints: () => [flow({ start: ({ actions }) => actions.finish() })] });
    for (const name of ["e", "f"]) await scene.engine(name);
    const creation = scene.creation("flow", {}, { idempotency: { key: "k", fingerprint: "f" } });
    const both = scene.hosts.map((host) => scene.request((engine) => engine.createJobs([creation]), host));
    const [[one], [two]] = (await scene.within(5000, Promise.all(both))) as unknown as [
      { jobId: string }[],
      { jobId: string }[],
    ];
    expect(one?.jobId).toBe(two?.jobId);
    expect(await list(scene, false)).toHaveLength(1);
  });
});

test("the first decision counts; a wrong one is refused with those allowed; a bearer needs the wait's own token", async () => {
  const blueprint = flow({
    start: ({ actions }) =>
      actions.awaitHumanApproval({ integration: "desk", message: "1", transitions: { yes: "again", no: "done" } }),
    again: ({ actions }) =>
      actions.awaitHumanApproval({ integration: "desk", message: "2", transitions: { yes: "done" } }),
  });
  const scene = await openScene({ blueprints: () => [blueprint] });
  await scene.engine();
  const jobId = await scene.create("flow");
  const wait = async (message: string) =>
    (await scene.reaches(jobId, ({ waiting }) => waiting?.kind === "human" && waiting.message === message)).waiting as {
      token: string;
    };
  const decide = (by: { token: string | null } | typeof client, decision: string) =>
    scene.ask((engine) => engine.decide(by, jobId, { decision, comment: "c", metadata: null }));
  const { token } = await wait("1");
  expect(await decide(client, "maybe")).toEqual({ outcome: "invalid", allowed: ["yes", "no"] });
  expect((await decide({ token: "wrong" }, "yes")).outcome).toBe("unknown");
  expect((await decide({ token }, "yes")).outcome).toBe("accepted");
  const second = await wait("2");
  expect(second.token).not.toBe(token);
  // Used: the same answer as for a wrong one.
  expect((await decide({ token }, "yes")).outcome).toBe("unknown");
  const both = [
    scene.request((e) => e.decide(client, jobId, { decision: "yes", comment: null, metadata: null })),
    scene.request((e) => e.decide(client, jobId, { decision: "yes", comment: null, metadata: null })),
  ];
  const outcomes = (await scene.within(5000, Promise.all(both))).map(({ outcome }) => outcome);
  expect(outcomes.sort()).toEqual(["accepted", "closed"]);
  expect((await scene.ended(jobId)).data["approval"]).toMatchObject({ decision: "yes", decided_by: "client" });
});
