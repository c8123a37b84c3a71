import assert from "node:assert/strict";
import type { JobRecord } from "#core/job";
import type { Lane, TaskItem, TaskRecord } from "#core/task";
import { addressOf, laneOfType, succeeded, taskItems } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitBranches, end } from "#storage/testkit/steps";

/** How a fan-out is stored and handed out. */
export function checkFanOut(check: Check): void {
  check("all branches become visible in one commit", async (kit) => {
    const job = await kit.start();
    await stage(kit, job, 0, 0, taskItems(5));
    await stage(kit, job, 0, 5, taskItems(5, 5));
    assert.deepEqual((await kit.poll({ limit: 20 })).tasks, [], "staged items are invisible");
    const next = await kit.commit(job, awaitBranches(job, [{ count: 10, items: null }]));
    assert.equal(next.status, "waiting_for_parallel_tasks");
    const tasks = await kit.take(10);
    assert.deepEqual(
      tasks.map(({ item }) => item),
      taskItems(10),
    );
    assert.deepEqual(
      tasks.map(({ index, wait, attempt }) => [index, wait, attempt]),
      taskItems(10).map(({ index }) => [index, 1, 1]),
    );
    assert.deepEqual((await kit.poll()).tasks, []);
  });

  check("a repeated staging changes nothing", async (kit) => {
    const job = await kit.start();
    for (let n = 0; n < 2; n++) await stage(kit, job, 0, 0, taskItems(3));
    await stage(kit, job, 0, 3, taskItems(2, 3));
    await stage(kit, job, 0, 0, taskItems(3));
    await kit.commit(job, awaitBranches(job, [{ count: 5, items: null }]));
    assert.deepEqual(
      (await kit.take(5)).map(({ index }) => index),
      [0, 1, 2, 3, 4],
    );
  });

  check("what a lost run staged is replaced by what the next one stages", async (kit) => {
    const lost = await kit.start({}, { ms: 100 });
    await stage(kit, lost, 0, 0, taskItems(5, 0, { params: { old: true } }));
    kit.advance(100);
    const { job } = await kit.claimOne();
    const late = await stage(kit, lost, 0, 0, taskItems(1));
    assert.equal(late, "lost", "a run without the lease stages nothing");
    await stage(kit, job, 0, 0, taskItems(2, 0, { params: { old: false } }));
    await kit.commit(job, awaitBranches(job, [{ count: 2, items: null }]));
    const tasks = await kit.take(2);
    assert.deepEqual(
      tasks.map(({ item }) => item.params),
      [{ old: false }, { old: false }],
    );
    assert.deepEqual((await kit.poll()).tasks, []);
  });

  check("groups go to their lanes, by priority", async (kit) => {
    const job = await kit.start();
    const [plain, gpu] = [laneOfType("work"), laneOfType("work", { requirements: { gpu: true } })];
    const groups = [
      { count: 2, lane: plain },
      { count: 2, lane: gpu, priority: 5, items: taskItems(2, 2) },
      { count: 1, lane: plain, priority: 7, items: taskItems(1, 4) },
    ];
    await kit.commit(job, awaitBranches(job, groups));
    assert.deepEqual((await kit.details(job.id)).lanes, [plain, gpu]);
    const tasks = await kit.take(5, { lanes: [plain.id, gpu.id] });
    assert.deepEqual(
      tasks.map(({ index }) => index),
      [4, 2, 3, 0, 1],
    );
    assert.deepEqual(
      tasks.map(({ lane }) => lane),
      [plain, gpu, gpu, plain, plain].map(({ id }) => id),
    );
  });

  check("a job names the lanes in which its branches are queued, in their order", async (kit) => {
    const job = await kit.start();
    const [first, second, third] = ["a", "b", "c"].map((type) => laneOfType(type)) as [Lane, Lane, Lane];
    await kit.commit(
      job,
      awaitBranches(job, [
        { count: 2, lane: first },
        { count: 1, lane: second },
        { count: 1, lane: third },
      ]),
    );
    await kit.takeOne({ lanes: [first.id] });
    assert.deepEqual((await kit.details(job.id)).lanes, [first, second, third]);
    await kit.takeOne({ lanes: [second.id] });
    assert.deepEqual((await kit.details(job.id)).lanes, [first, third], "what is handed out isn't queued");
  });

  check("two fan-outs of one lane go out one after the other", async (kit) => {
    const first = await kit.start();
    await kit.commit(first, awaitBranches(first, [{ count: 2 }]));
    const second = await kit.start();
    await kit.commit(second, awaitBranches(second, [{ count: 2 }]));
    const tasks = await kit.take(4);
    assert.deepEqual(
      tasks.map(({ jobId, index }) => [jobId, index]),
      [
        [first.id, 0],
        [first.id, 1],
        [second.id, 0],
        [second.id, 1],
      ],
    );
  });

  check("branches are unknown as tasks until they are handed out", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitBranches(job, [{ count: 2 }]));
    const address = { jobId: job.id, wait: 1, index: 1, attempt: 1 };
    const { found } = await kit.storage.getTask({ address });
    assert.deepEqual([found?.task, found?.result, found?.join.total], [null, null, 2]);
    assert.equal((await kit.storage.getTask({ address: { ...address, index: 2 } })).found, null);
    assert.equal((await kit.storage.getTask({ address: { ...address, wait: 2 } })).found, null);
    const { task, join } = await kit.details(job.id);
    assert.deepEqual([task, join?.single, join?.state], [null, false, "open"]);
  });

  check("a fan-out of 10,000 branches is handed out and joined", async (kit) => {
    const job = await kit.start();
    for (let start = 0; start < 10_000; start += 500) await stage(kit, job, 0, start, taskItems(500, start));
    await kit.commit(job, awaitBranches(job, [{ count: 10_000, items: null }]));
    for (let done = 0; done < 10_000; done += 500) {
      const tasks = await kit.take(500);
      const results = await kit.settle(...tasks.map((task) => succeeded(task)));
      assert.equal(
        results.every(({ outcome }) => outcome === "applied"),
        true,
      );
      assert.equal((await kit.job(job.id)).wait, done === 9500 ? null : 1);
    }
    const { job: woken } = await kit.claimOne();
    assert.equal(woken.event?.kind === "join" && woken.event.success, true);
    const indexes: number[] = [];
    for (let from: number | null = 0; from !== null; ) {
      const page: { results: { index: number }[]; next: number | null } = await kit.storage.readResults({
        ...{ jobId: job.id, wait: 1, from, limit: 1000 },
      });
      indexes.push(...page.results.map(({ index }) => index));
      from = page.next;
    }
    assert.deepEqual(
      indexes,
      Array.from({ length: 10_000 }, (_, index) => index),
    );
    await kit.commit(woken, end(kit.now));
  });

  check("a second fan-out of a job has results of its own", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitBranches(job, [{ count: 1 }]));
    const first = await kit.takeOne();
    await kit.apply(succeeded(first));
    const { job: woken } = await kit.claimOne();
    await kit.commit(woken, awaitBranches(woken, [{ count: 2 }]));
    const tasks = await kit.take(2);
    assert.deepEqual(
      tasks.map(({ wait }) => wait),
      [2, 2],
    );
    await kit.apply(succeeded(tasks[1] as TaskRecord));
    const { results } = await kit.storage.readResults({ jobId: job.id, wait: 2, from: 0, limit: 9 });
    assert.deepEqual(
      results.map(({ index }) => index),
      [1],
    );
    assert.equal((await kit.storage.getTask({ address: addressOf(first) })).found?.join.state, "fired");
  });
}

async function stage(kit: Kit, job: JobRecord, group: number, start: number, items: TaskItem[]): Promise<string> {
  const claim = job.lease?.claim ?? "";
  const reply = await kit.storage.stage({ jobId: job.id, claim, items: { wait: 1, group, start, items }, once: null });
  return reply.outcome;
}
