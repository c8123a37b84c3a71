import assert from "node:assert/strict";
import type { TaskRecord } from "#core/task";
import { failure, judged, laneOfType, retried, succeeded, taskItems } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitBranches } from "#storage/testkit/steps";

/** Branches on their own: retries, timeouts, hand-outs that come back. */
export function checkBranches(check: Check): void {
  check("a retried branch comes again before the rest of its fan-out", async (kit) => {
    const jobId = await fanOut(kit, 4);
    const [first] = (await kit.take(2)) as [TaskRecord];
    await kit.apply(retried(first, kit.now + 100));
    assert.equal((await kit.job(jobId)).status, "waiting_for_parallel_tasks", "a fan-out's status stays");
    kit.advance(100);
    const again = await kit.take(3);
    assert.deepEqual(
      again.map(({ index, attempt }) => [index, attempt]),
      [
        [0, 2],
        [2, 1],
        [3, 1],
      ],
    );
    assert.equal((await kit.job(jobId)).status, "waiting_for_parallel_tasks");
  });

  check("a branch that was given back comes again before the rest", async (kit) => {
    await fanOut(kit, 3);
    const first = await kit.takeOne();
    await kit.apply(judged(first, { kind: "return" }));
    const again = await kit.take(3, { worker: "w2" });
    assert.deepEqual(
      again.map(({ index, attempt }) => [index, attempt]),
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
    );
  });

  check("branches that were given back come again by index", async (kit) => {
    await fanOut(kit, 13);
    const tasks = await kit.take(12);
    for (const at of [10, 2, 11, 1]) await kit.apply(judged(tasks[at] as TaskRecord, { kind: "return" }));
    const again = await kit.take(5, { worker: "w2" });
    assert.deepEqual(
      again.map(({ index }) => index),
      [1, 2, 10, 11, 12],
    );
  });

  check("a result of a branch that was given back counts", async (kit) => {
    const jobId = await fanOut(kit, 2);
    const first = await kit.takeOne();
    await kit.apply(judged(first, { kind: "return" }));
    await kit.apply(succeeded(first));
    assert.equal((await kit.details(jobId)).join?.ok, 1);
    assert.deepEqual(
      (await kit.take(1, { worker: "w2" })).map(({ index }) => index),
      [1],
    );
    assert.deepEqual((await kit.poll({ worker: "w3" })).tasks, []);
  });

  check("branches whose time in the queue is over are judged in pages", async (kit) => {
    const jobId = await fanOut(kit, 250, 1000);
    assert.equal((await kit.claim()).nextDue, kit.now + 1000);
    const out = await kit.takeOne();
    kit.advance(1000);
    const pages: number[] = [];
    const seen = new Set<number>();
    for (let call = 0; call < 10; call++) {
      const { tasks, moreDue, nextDue } = await kit.claim({ dueLimit: 100, takeMs: 5000 });
      pages.push(tasks.length);
      for (const { task, join, lane } of tasks) {
        assert.deepEqual([task?.state, task?.attempt, join.single, lane], ["queued", 1, false, laneOfType()]);
        seen.add(task?.index ?? -1);
      }
      await kit.settle(...tasks.map(({ task }) => timeout(task as TaskRecord)));
      assert.equal(moreDue, tasks.length === 100);
      if (!moreDue && (nextDue ?? Number.POSITIVE_INFINITY) > kit.now) break;
    }
    assert.deepEqual(pages.slice(0, 3), [100, 100, 49]);
    assert.equal(seen.size, 249);
    assert.equal(seen.has(out.index), false, "what is out isn't in the queue");
    const { join, job } = await kit.details(jobId);
    assert.deepEqual([join?.failed, job.wait], [249, 1]);
    await kit.apply(succeeded(out));
    assert.equal((await kit.claimOne()).job.event?.kind, "join");
  });

  check("branches that nobody judged come again", async (kit) => {
    await fanOut(kit, 3, 1000);
    kit.advance(1000);
    const first = await kit.claim({ takeMs: 500 });
    assert.equal(first.tasks.length, 3);
    assert.equal(first.nextDue, kit.now + 500);
    assert.deepEqual((await kit.claim({ takeMs: 500 })).tasks, []);
    kit.advance(500);
    const again = await kit.claim({ takeMs: 500 });
    assert.deepEqual(again.tasks.map(({ task }) => task?.index).sort(), [0, 1, 2]);
    const results = await kit.settle(...again.tasks.map(({ task }) => timeout(task as TaskRecord)));
    assert.equal(
      results.every(({ outcome }) => outcome === "applied"),
      true,
    );
  });

  check("the time for results ends branches in the queue too", async (kit) => {
    const job = await kit.start();
    const resultDue = kit.now + 800;
    const groups = [{ count: 2, items: taskItems(2, 0, { resultDue }), dispatchTimeoutMs: 9000, resultDue }];
    await kit.commit(job, awaitBranches(job, groups, "settled"));
    const out = await kit.takeOne();
    assert.equal(out.deadline, resultDue);
    kit.advance(800);
    const { tasks } = await kit.claim();
    assert.deepEqual(tasks.map(({ task }) => task?.index).sort(), [0, 1]);
  });

  check("a join that fires stops the timeouts of its branches", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitBranches(job, [{ count: 5, dispatchTimeoutMs: 1000 }], "any"));
    await kit.apply(succeeded(await kit.takeOne()));
    const { job: woken } = await kit.claimOne();
    await kit.commit(woken, { next: "ended", status: "finished", endedAt: kit.now });
    kit.advance(1000);
    const { tasks, nextDue } = await kit.claim();
    assert.deepEqual([tasks, nextDue], [[], null]);
  });

  check("a worker may hold branches up to its capacity", async (kit) => {
    await fanOut(kit, 10);
    const first = await kit.poll({ limit: 10, capacity: 4 });
    assert.deepEqual([first.tasks.length, first.full, first.open, first.left], [4, true, 4, ['["work"]']]);
    const task = first.tasks[2]?.task ?? assert.fail();
    await kit.apply(succeeded(task));
    assert.deepEqual(
      (await kit.poll({ limit: 10, capacity: 4 })).tasks.map(({ task }) => task.index),
      [4],
    );
  });

  check("a repeated poll of branches gives the same ones", async (kit) => {
    await fanOut(kit, 5);
    const first = await kit.poll({ claim: "c", limit: 2 });
    const again = await kit.poll({ claim: "c", limit: 2 });
    assert.deepEqual(
      again.tasks.map(({ task }) => task.index).sort(),
      first.tasks.map(({ task }) => task.index),
    );
    assert.deepEqual(
      (await kit.take(3)).map(({ index }) => index),
      [2, 3, 4],
    );
  });
}

async function fanOut(kit: Kit, count: number, dispatchTimeoutMs: number | null = null): Promise<string> {
  const job = await kit.start();
  const items = taskItems(count, 0, { dispatchTimeoutMs });
  await kit.commit(job, awaitBranches(job, [{ count, items, dispatchTimeoutMs }], "settled"));
  return job.id;
}

function timeout(task: TaskRecord) {
  return judged(task, { kind: "done", ok: false, end: failure(task, "DISPATCH_TIMEOUT_ERROR"), answer: "failure" });
}
