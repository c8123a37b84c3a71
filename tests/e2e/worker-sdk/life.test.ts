import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidInputError, PermanentError, TransientError } from "@avtomatika/worker";
import { MemoryStorage, SqliteStorage, type Storage } from "avtomatika";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Served, serve } from "../http/served.ts";
import { employ } from "./employ.ts";
import { flows } from "./flows.ts";

const folder = mkdtempSync(join(tmpdir(), "avtomatika-worker-sdk-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const stores: [string, () => Storage][] = [
  ["memory", () => new MemoryStorage()],
  ["SQLite", () => new SqliteStorage(join(folder, `${++files}.db`))],
];

describe.each(stores)("a worker of an engine on %s", (_name, storage) => {
  const engine = (overrides = {}): Promise<Served> => serve(overrides, { storage: storage(), blueprints: flows() });

  test("takes tasks and brings results", async () => {
    const served = await engine();
    const worker = employ(served.engine.address).task("work", ({ n }, { jobId, attempt }) => ({ n, jobId, attempt }));
    await worker.start();
    const id = await served.create("work", { n: 1 });
    const { status, state_history } = await served.view(id, 30);
    expect([status, state_history]).toEqual(["finished", { n: 1, jobId: id, attempt: 1 }]);
  });

  test("does a fan-out in few requests, every branch once", async () => {
    const served = await engine();
    let requests = 0;
    let runs = 0;
    served.engine.app.server.on("request", ({ url }) => {
      if (url?.includes("tasks/")) requests += 1;
    });
    const worker = employ(served.engine.address, { maxConcurrentTasks: 100 }).task("work", ({ n }) => {
      runs += 1;
      return { n };
    });
    await worker.start();
    const id = await served.create("many", { count: 300 });
    const { result } = await served.view(id, 30);
    expect(result.data).toEqual(Array.from({ length: 300 }, (_, n) => ({ n })));
    expect(runs).toBe(300);
    expect(requests).toBeLessThan(100);
  });

  test("tries again what failed for now, and says what failed for good", async () => {
    const served = await engine();
    const worker = employ(served.engine.address).task("work", ({ how }, { attempt }) => {
      if (how === "later" && attempt < 3) throw new TransientError("not yet");
      if (how === "broken") throw new PermanentError("never");
      if (how === "wrong") throw new InvalidInputError("what is that?");
      if (how === "odd") return { status: "odd", data: { attempt } };
      if (how === "big") return { big: [1n] };
      return { attempt };
    });
    await worker.start();
    const ends = await Promise.all(
      ["later", "broken", "wrong", "odd", "big"].map(async (how) => {
        const { status, state_history, error_message } = await served.view(await served.create("work", { how }), 30);
        return [status, state_history.attempt, error_message];
      }),
    );
    expect(ends).toEqual([
      ["finished", 3, null],
      ["quarantined", undefined, expect.stringContaining("never")],
      ["failed", undefined, expect.stringContaining("what is that?")],
      ["finished", 1, null],
      ["quarantined", undefined, expect.stringContaining("result.big[0] is a BigInt")],
    ]);
  });

  test("refuses params that violate the schema by itself", async () => {
    const served = await engine();
    const schema = z.object({ n: z.number() });
    await employ(served.engine.address)
      .task("work", { schema }, ({ n }) => ({ double: n * 2 }))
      .start();
    expect((await served.view(await served.create("work", { n: 2 }), 30)).result).toEqual({ double: 4 });
    const bad = await served.view(await served.create("work", { n: "2" }), 30);
    expect([bad.status, bad.error_message]).toEqual(["failed", expect.stringContaining("params.n: ")]);
  });

  test("keeps a type's own limit, whatever is waiting", async () => {
    const served = await engine();
    let running = 0;
    let most = 0;
    const worker = employ(served.engine.address, { maxConcurrentTasks: 20 }).task(
      "work",
      { maxConcurrent: 2 },
      async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
        return {};
      },
    );
    await worker.start();
    expect((await served.view(await served.create("many", { count: 20 }), 30)).status).toBe("finished");
    expect(most).toBe(2);
  });

  test("hears of a cancel and frees its slot", async () => {
    const served = await engine();
    const began = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<string>();
    const worker = employ(served.engine.address, { maxConcurrentTasks: 1 }).task(
      "work",
      async ({ quick }, { signal }) => {
        if (quick) return {};
        began.resolve();
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        aborted.resolve((signal.reason as Error).name);
        return {};
      },
    );
    await worker.start();
    const id = await served.create("work");
    await began.promise;
    expect((await served.client("POST", `/api/v1/jobs/${id}/cancel`)).status).toBe(200);
    expect(await aborted.promise).toBe("AbortError");
    expect((await served.view(id)).status).toBe("cancelled");
    expect((await served.view(await served.create("work", { quick: true }), 30)).status).toBe("finished");
  });

  test("aborts what is past its deadline", async () => {
    const served = await engine();
    const reason = Promise.withResolvers<string>();
    await employ(served.engine.address)
      .task(
        "work",
        (_params, { signal }) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => {
              reason.resolve((signal.reason as Error).name);
              reject(signal.reason as Error);
            }),
          ),
      )
      .start();
    const { current_state, result } = await served.view(await served.create("hurried"), 30);
    expect([current_state, result]).toEqual(["late", { code: "TIMEOUT_ERROR" }]);
    expect(await reason.promise).toBe("TimeoutError");
  });

  test("shows progress in the job's view", async () => {
    const served = await engine();
    const finish = Promise.withResolvers<void>();
    await employ(served.engine.address)
      .task("work", async (_params, { progress }) => {
        await progress(0.5, "half way");
        await finish.promise;
      })
      .start();
    const id = await served.create("work");
    const { progress } = await served.until(id, (view) => view.progress !== null);
    expect(progress).toMatchObject({ value: 0.5, message: "half way" });
    finish.resolve();
    expect((await served.view(id, 30)).status).toBe("finished");
  });

  test("drains on stop: what runs is finished, what waits stays with the engine", async () => {
    const served = await engine({ workerPollTimeoutSeconds: 30 });
    const began = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const first = employ(served.engine.address, { workerId: "first" }).task("work", async () => {
      began.resolve();
      await finish.promise;
      return { by: "first" };
    });
    await first.start();
    const running = await served.create("work");
    await began.promise;
    const stopped = first.stop();
    await expect
      .poll(async () => (await served.client("GET", "/api/v1/workers")).body[0]?.status, { interval: 5 })
      .toBe("draining");
    const waiting = await served.create("work");
    finish.resolve();
    await stopped;
    expect((await served.view(running)).result).toEqual({ by: "first" });
    expect((await served.view(waiting)).waiting_for).toMatchObject({ kind: "worker", phase: "queued" });
    await employ(served.engine.address, { workerId: "second" })
      .task("work", () => ({ by: "second" }))
      .start();
    expect((await served.view(waiting, 30)).result).toEqual({ by: "second" });
  });

  test("is refused with the wrong token", async () => {
    const served = await engine();
    const worker = employ(served.engine.address, { token: "wrong" }).task("work", () => {});
    await expect(worker.start()).rejects.toThrow("401");
  });
});
