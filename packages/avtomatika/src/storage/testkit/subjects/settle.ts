import assert from "node:assert/strict";
import type { TaskRecord } from "#core/task";
import {
  addressOf,
  failed,
  failure,
  judged,
  laneOfType,
  retried,
  succeeded,
  taskEnd,
  taskItem,
} from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitTask } from "#storage/testkit/steps";

/** Storage.settleTasks: results of single tasks. */
export function checkSettle(check: Check): void {
  check("a result closes the job's wait once", async (kit) => {
    const task = await held(kit);
    kit.advance(10);
    const [settled] = await kit.settle(succeeded(task));
    assert.deepEqual(settled, { outcome: "applied", answer: "success", single: true });
    const { job } = await kit.claimOne();
    const event = job.event ?? assert.fail();
    assert.deepEqual(event, { id: event.id, wait: 1, kind: "task", end: taskEnd(task, { workerId: "w1" }) });
    assert.deepEqual([job.status, job.wait, job.closedBy], ["running", null, event.id]);
    const { found } = await kit.storage.getTask({ address: addressOf(task) });
    assert.deepEqual([found?.task, found?.join.state, found?.join.ok], [null, "fired", 1]);
    assert.deepEqual(found?.result?.end, taskEnd(task, { workerId: "w1" }));
  });

  check("a result may lease the job at once", async (kit) => {
    const task = await held(kit);
    const lease = kit.lease();
    const input = { shard: kit.shard, settlements: [succeeded(task)], lease };
    const first = await kit.storage.settleTasks(input);
    assert.deepEqual([first.leased.length, first.leased[0]?.job.id], [1, task.jobId]);
    assert.equal(first.leased[0]?.job.lease?.claim, lease.claim);
    assert.deepEqual(await kit.storage.settleTasks(input), first, "a repeat gives the first answer");
    assert.equal((await kit.job(task.jobId)).runs, 1);
  });

  check("a result leases up to the limit, and only what the engine knows", async (kit) => {
    const tasks = [await held(kit, "a"), await held(kit, "b"), await held(kit, "c"), await held(kit, "d")];
    const lease = kit.lease({ blueprints: ["a", "c", "d"], limit: 2 });
    const { leased } = await kit.storage.settleTasks({
      shard: kit.shard,
      settlements: tasks.map((task) => succeeded(task)),
      lease,
    });
    assert.deepEqual(
      leased.map(({ job }) => job.blueprint),
      ["a", "c"],
    );
  });

  check("the same result again gets the same answer", async (kit) => {
    for (const settlement of [succeeded(await held(kit)), failed(await held(kit, "b"))]) {
      const first = await kit.settle(settlement);
      assert.deepEqual(await kit.settle(settlement), first);
      kit.advance(100_000);
      assert.deepEqual(await kit.settle(settlement), first);
    }
    assert.equal((await kit.claim({ blueprints: ["flow", "b"] })).jobs.length, 2);
  });

  check("the same result twice in one call is applied once", async (kit) => {
    const task = await held(kit);
    const [first, second] = await kit.settle(succeeded(task), succeeded(task));
    assert.deepEqual(second, first);
    assert.equal((await kit.storage.getTask({ address: addressOf(task) })).found?.join.ok, 1);
  });

  check("another result of a settled attempt gets the verdict of the first", async (kit) => {
    const task = await held(kit);
    await kit.settle(succeeded(task));
    const [second] = await kit.settle(failed(task));
    assert.deepEqual(second, { outcome: "applied", answer: "success", single: true });
    const { found } = await kit.storage.getTask({ address: addressOf(task) });
    assert.equal(found?.result?.end.status, "success");
  });

  check("a failure for good closes the wait with its error", async (kit) => {
    const task = await held(kit);
    const [settled] = await kit.settle(failed(task));
    assert.deepEqual(settled, { outcome: "applied", answer: "failure", single: true });
    const { event } = (await kit.claimOne()).job;
    assert.deepEqual(event?.kind === "task" && event.end, { ...failure(task), workerId: "w1" });
  });

  check("a result without a sender counts as the holder's", async (kit) => {
    const task = await held(kit);
    const anonymous = { ...succeeded(task), worker: "*" };
    const [first] = await kit.settle(anonymous);
    assert.equal(first?.outcome, "applied");
    assert.deepEqual(await kit.settle(anonymous), [first]);
    assert.deepEqual(await kit.settle(succeeded(task)), [first], "the holder by its name");
    const { event } = (await kit.claimOne()).job;
    assert.equal(event?.kind === "task" && event.end.workerId, "w1");
  });

  check("a result may come before the offer is confirmed", async (kit) => {
    const task = await held(kit);
    assert.equal(task.state, "offered");
    await kit.apply(succeeded(task));
    const confirm = [{ address: addressOf(task), claim: task.claim ?? "" }];
    await kit.storage.extendLeases({
      shard: kit.shard,
      engine: "e",
      ms: 1,
      jobs: [],
      confirm,
      release: [],
      checkMs: 1,
      silenceMs: 5000,
    });
    assert.equal((await kit.storage.getTask({ address: addressOf(task) })).found?.task, null);
  });

  check("the last holder's result counts until another has the attempt", async (kit) => {
    const task = await held(kit);
    await kit.apply(judged(task, { kind: "return" }));
    await kit.apply(succeeded(task));
    assert.deepEqual((await kit.poll({ worker: "w2" })).tasks, [], "it left its lane");
    assert.equal((await kit.claimOne()).job.event?.kind, "task");
  });

  check("the last holder's result is refused when another has the attempt", async (kit) => {
    const task = await held(kit);
    await kit.apply(judged(task, { kind: "return" }));
    const other = await kit.takeOne({ worker: "w2" });
    assert.equal(await kit.reason(succeeded(task)), "mismatch");
    await kit.apply(succeeded(other));
  });

  check("the engine settles what it judged, if nothing has changed", async (kit) => {
    const task = await held(kit);
    kit.advance(60_000);
    const due = (await kit.claim()).tasks[0]?.task ?? assert.fail();
    assert.equal(due.rev > task.rev, true);
    const timeout = { kind: "done", ok: false, end: failure(due, "TIMEOUT_ERROR"), answer: "failure" } as const;
    assert.equal(await kit.reason(judged(task, timeout)), "stale", "it judged an older record");
    await kit.apply(judged(due, timeout));
    assert.equal(await kit.reason(judged(due, timeout)), "stale", "a repeat changes nothing");
    const { event } = (await kit.claimOne()).job;
    assert.deepEqual(event?.kind === "task" && event.end, { ...failure(due, "TIMEOUT_ERROR"), workerId: "w1" });
  });

  check("the engine's judgement is void when the result came first", async (kit) => {
    await held(kit);
    kit.advance(60_000);
    const due = (await kit.claim()).tasks[0]?.task ?? assert.fail();
    await kit.apply(succeeded(due));
    const timeout = { kind: "done", ok: false, end: failure(due, "TIMEOUT_ERROR"), answer: "failure" } as const;
    assert.equal(await kit.reason(judged(due, timeout)), "stale");
    const { event } = (await kit.claimOne()).job;
    assert.equal(event?.kind === "task" && event.end.status, "success");
  });

  check("an extended task is left alone until then", async (kit) => {
    const task = await held(kit);
    kit.advance(60_000);
    const due = (await kit.claim()).tasks[0]?.task ?? assert.fail();
    const extend = judged(due, { kind: "extend", due: kit.now + 30_000 });
    await kit.apply(extend);
    assert.equal(await kit.reason(extend), "stale");
    kit.advance(29_999);
    assert.deepEqual((await kit.claim()).tasks, []);
    await kit.apply(succeeded(task));
    kit.advance(1);
    assert.deepEqual((await kit.claim()).tasks, []);
  });

  check("a worker may give an offer back, and repeat it", async (kit) => {
    const task = await held(kit);
    const back = { ...succeeded(task), verdict: { kind: "return" } } as const;
    await kit.apply(back);
    await kit.settle(back);
    const again = await kit.takeOne({ worker: "w2" });
    assert.deepEqual([again.attempt, again.unconfirmed], [1, 1]);
    assert.deepEqual((await kit.poll({ worker: "w3" })).tasks, []);
    assert.equal(await kit.reason(back), "mismatch");
  });

  check("a worker's standing counts its successes and failures", async (kit) => {
    await kit.apply(succeeded(await held(kit, "a")));
    await kit.apply(failed(await held(kit, "b")));
    await kit.apply(retried(await held(kit, "c"), kit.now + 10 ** 9));
    const bad = await held(kit, "d");
    const end = failure(bad, "INVALID_INPUT_ERROR");
    await kit.apply({ ...failed(bad), verdict: { kind: "done", ok: false, end, answer: "failure" } });
    const cancelled = await held(kit, "e");
    const stopped = taskEnd(cancelled, { status: "cancelled" });
    await kit.apply({ ...failed(cancelled), verdict: { kind: "done", ok: false, end: stopped, answer: "failure" } });
    const standings = async () => (await kit.storage.readStandings({ shard: kit.shard })).standings;
    assert.deepEqual(await standings(), [{ worker: "w1", attempts: 3, successes: 1 }]);
    kit.advance(29 * 86_400_000);
    assert.equal((await standings()).length, 1);
    kit.advance(86_400_000);
    assert.deepEqual(await standings(), []);
  });

  check("a repeated result doesn't count twice for the standing", async (kit) => {
    const task = await held(kit);
    await kit.settle(succeeded(task));
    await kit.settle(succeeded(task));
    const { standings } = await kit.storage.readStandings({ shard: kit.shard });
    assert.deepEqual(standings, [{ worker: "w1", attempts: 1, successes: 1 }]);
  });
}

/** A task of its own that `w1` holds. */
async function held(kit: Kit, blueprint = "flow"): Promise<TaskRecord> {
  const job = await kit.start({ blueprint });
  await kit.commit(job, awaitTask(job, laneOfType(), taskItem()));
  return kit.takeOne();
}
