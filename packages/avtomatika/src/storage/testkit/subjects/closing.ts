import assert from "node:assert/strict";
import { type TaskRecord, taskId } from "#core/task";
import type { Settlement, TaskDetails } from "#storage/storage";
import {
  addressOf,
  failed,
  judged,
  laneOfType,
  retried,
  settlement,
  succeeded,
  taskItems,
} from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitBranches, end } from "#storage/testkit/steps";

/** More than any call may take back. */
const many = 450;
/** No call may touch more tasks of joins that close, nor tell workers of more. */
const mostAtOnce = 250;
const graceMs = 30_000;

/** Joins that close while more of their branches are out than one call may touch: it takes several calls, unseen. */
export function checkClosing(check: Check): void {
  check("each branch of a join that has fired is cancelled at once, whatever their number", async (kit) => {
    const [first, ...rest] = (await branchesOut(kit)) as [TaskRecord, ...TaskRecord[]];
    await kit.apply(succeeded(first));
    for (const task of [rest[0], rest[100], rest[250], rest.at(-1)] as TaskRecord[]) {
      const { task: seen, join } = await details(kit, task);
      assert.deepEqual([seen?.state, seen?.worker, seen?.due], ["revoked", "w1", kit.now + graceMs]);
      assert.equal(join.state, "fired");
    }
    const before = await Promise.all(rest.map((task) => details(kit, task)));
    await goOn(kit);
    assert.deepEqual(await Promise.all(rest.map((task) => details(kit, task))), before, "nobody sees the difference");
  });

  check("no call tells of more than its share, and all are told once", async (kit) => {
    const tasks = await branchesOut(kit, ["w1", "w2", "w3"]);
    await kit.bells();
    await kit.apply(succeeded(tasks[0] as TaskRecord));
    const told: string[] = [];
    let bells = await kit.bells();
    const due = bells.find((bell) => bell.kind === "due");
    assert.equal(due?.kind === "due" && due.at <= kit.now, true, "engines are told that there is more to do");
    for (let more = true; more; ) {
      const revoked = bells.filter((bell) => bell.kind === "revoked");
      const ids = revoked.flatMap(({ taskIds }) => taskIds);
      assert.equal(ids.length <= mostAtOnce, true, `${ids.length} tasks in one call`);
      for (const { worker, taskIds } of revoked) {
        for (const id of taskIds) assert.equal(tasks.find((task) => taskId(task) === id)?.worker, worker);
      }
      told.push(...ids);
      ({ moreDue: more } = await kit.claim({ limit: 0 }));
      bells = await kit.bells();
      if (!more) told.push(...bells.flatMap((bell) => (bell.kind === "revoked" ? bell.taskIds : [])));
    }
    const expected = tasks.slice(1).map((task) => taskId(task));
    assert.deepEqual(told.sort(), expected.sort());
    const listed = (await kit.storage.listRevoked({ shard: kit.shard })).tasks.map((one) => one.taskId);
    assert.deepEqual(listed.sort(), expected.sort());
  });

  check("joins that close in one call share what it may touch", async (kit) => {
    const firsts: TaskRecord[] = [];
    for (let job = 0; job < 4; job++) firsts.push((await branchesOut(kit, ["w1"], 120))[0] as TaskRecord);
    await kit.bells();
    await kit.settle(...firsts.map((task) => succeeded(task)));
    assert.equal((await kit.rung("revoked")).flatMap(({ taskIds }) => taskIds).length <= mostAtOnce, true);
    for (const { jobId } of firsts) {
      const { found } = await kit.storage.getTask({ address: { jobId, wait: 1, index: 119, attempt: 1 } });
      assert.equal(found?.task?.state, "revoked");
    }
  });

  const answers: [string, (task: TaskRecord) => Settlement, string][] = [
    ["a success", (task) => succeeded(task), "cancelled"],
    ["a failure for good", (task) => failed(task), "cancelled"],
    ["a failure with another attempt", (task) => retried(task, 0), "cancelled"],
    ["an answer to the cancel", (task) => ({ ...succeeded(task), cancelled: true }), "applied"],
    ["a result of another worker", (task) => succeeded(task, { worker: "w9" }), "mismatch"],
    ["a result of whoever holds it", (task) => succeeded(task, { worker: "*" }), "cancelled"],
    ["a result of an attempt to come", (task) => succeeded({ ...task, attempt: 2 }), "not_found"],
    ["the engine's judgement", (task) => judged(task, failed(task).verdict), "stale"],
    ["a hand-back", (task) => judged(task, { kind: "return" }), "stale"],
    ["a prolonging", (task) => judged(task, { kind: "extend", due: 5 }), "stale"],
    ["the end of a grace that nobody gave", (task) => judged(task, { kind: "drop" }), "stale"],
  ];
  for (const [what, answer, expected] of answers) {
    check(`${what} of a branch that the closing has not come to is judged as later: ${expected}`, async (kit) => {
      const [first, ...rest] = (await branchesOut(kit)) as [TaskRecord, ...TaskRecord[]];
      await kit.apply(succeeded(first));
      const { job } = await kit.claimOne({ limit: 1 });
      const last = rest.at(-1) as TaskRecord;
      assert.equal(await kit.reason(answer(last)), expected);
      const { result, join } = await details(kit, last);
      assert.deepEqual([result, join.state, join.ok, join.failed], [null, "fired", 1, 0]);
      assert.deepEqual(await kit.job(job.id), job);
      await goOn(kit);
      assert.equal(await kit.reason(answer(rest.at(-2) as TaskRecord)), expected, "as it is judged later");
      const { join: after } = await details(kit, last);
      assert.deepEqual([after.ok, after.failed], [1, 0]);
    });
  }

  check("a lease counts until its worker answers, whether or not the closing has come to it", async (kit) => {
    const [first, ...rest] = (await branchesOut(kit)) as [TaskRecord, ...TaskRecord[]];
    await kit.apply(succeeded(first));
    assert.equal((await kit.poll({ limit: 0 })).open, many - 1);
    await kit.settle(...rest.slice(-10).map((task) => succeeded(task)));
    assert.equal((await kit.poll({ limit: 0 })).open, many - 11);
    await goOn(kit);
    assert.equal((await kit.poll({ limit: 0 })).open, many - 11);
    await kit.settle(...rest.slice(0, 10).map((task) => succeeded(task)));
    assert.equal((await kit.poll({ limit: 0 })).open, many - 21);
  });

  check("branches that were given back are not handed out once their join has fired", async (kit) => {
    const [first, ...rest] = (await branchesOut(kit)) as [TaskRecord, ...TaskRecord[]];
    await kit.settle(...rest.map((task) => judged(task, { kind: "return" })));
    await kit.apply(succeeded(first));
    const behind = await kit.start({ blueprint: "other" });
    await kit.commit(behind, awaitBranches(behind, [{ count: 1, priority: -5 }], "any"));
    const handed: TaskRecord[] = [];
    for (let left = true; left; ) {
      const reply = await kit.poll({ limit: 5, worker: "w2" });
      handed.push(...reply.tasks.map(({ task }) => task));
      left = reply.left.length > 0;
    }
    assert.deepEqual(
      handed.map(({ jobId }) => jobId),
      [behind.id],
      "what stands behind them is found",
    );
    assert.equal(await kit.reason(succeeded(rest.at(-1) as TaskRecord)), "cancelled");
    await goOn(kit);
    assert.deepEqual((await kit.poll({ limit: 0 })).left, []);
  });

  check("retries that fall due once their join has fired are dropped", async (kit) => {
    const [first, ...rest] = (await branchesOut(kit)) as [TaskRecord, ...TaskRecord[]];
    await kit.settle(...rest.map((task) => retried(task, kit.now + 100)));
    await kit.apply(succeeded(first));
    kit.advance(100);
    assert.deepEqual((await kit.poll({ limit: 0 })).left, [], "they don't come back to their lane");
    assert.deepEqual((await kit.poll({ limit: 9, worker: "w2" })).tasks, []);
    const last = rest.at(-1) as TaskRecord;
    const { task } = await details(kit, last);
    assert.deepEqual([task?.state, task?.past.length, task?.due], ["withdrawn", 1, null]);
    assert.equal(await kit.reason(failed(last)), "applied", "its first attempt has its answer");
    await goOn(kit);
    assert.deepEqual((await kit.poll({ limit: 9, worker: "w2" })).tasks, []);
    const { job } = await kit.claimOne();
    await kit.commit(job, end(kit.now));
    assert.equal((await kit.claim()).nextDue, null, "no pause is left");
  });

  check("a branch whose lease is over isn't judged once its join has fired", async (kit) => {
    const items = taskItems(many, 0, { timeoutMs: 5000 });
    const [first, ...rest] = (await branchesOut(kit, ["w1"], many, items)) as [TaskRecord, ...TaskRecord[]];
    await kit.apply(succeeded(first));
    kit.advance(5000);
    for (let more = true; more; ) {
      const { tasks, moreDue } = await kit.claim({ limit: 0 });
      assert.deepEqual(tasks, []);
      more = moreDue;
    }
    assert.equal((await kit.storage.listRevoked({ shard: kit.shard })).tasks.length, rest.length);
    kit.advance(graceMs - 5000);
    const { tasks } = await kit.claim({ limit: 0, dueLimit: many });
    assert.equal(tasks.length, rest.length, "the grace is counted from when the join fired");
    assert.equal(
      tasks.every(({ task }) => task?.state === "revoked"),
      true,
    );
  });

  check("a repeated poll doesn't give a branch again whose join has fired", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitBranches(job, [{ count: many }], "any"));
    await kit.take(many - 5);
    const last = await kit.take(5, { claim: "c", worker: "w2" });
    await kit.apply(succeeded(last[0] as TaskRecord));
    assert.deepEqual((await kit.poll({ claim: "c", worker: "w2", limit: 5 })).tasks, []);
  });

  check("a worker that starts anew gives nothing back to a join that has fired", async (kit) => {
    const [first, ...rest] = (await branchesOut(kit)) as [TaskRecord, ...TaskRecord[]];
    await kit.apply(succeeded(first));
    const { released } = await kit.storage.releaseLeases({ shard: kit.shard, worker: "w1", keep: [] });
    assert.deepEqual(released.sort(), rest.map((task) => taskId(task)).sort());
    assert.deepEqual((await kit.poll({ limit: 0 })).left, []);
    assert.deepEqual((await kit.poll({ limit: 9, worker: "w2" })).tasks, []);
    assert.equal((await kit.poll({ limit: 0 })).open, 0);
    await goOn(kit);
    assert.deepEqual((await kit.storage.listRevoked({ shard: kit.shard })).tasks, []);
  });

  check("a cancel is final at once, whatever the number of branches", async (kit) => {
    const tasks = await branchesOut(kit);
    await kit.settle(...tasks.slice(-150, -100).map((task) => retried(task, kit.now + 100)));
    await kit.settle(...tasks.slice(-200, -150).map((task) => judged(task, { kind: "return" })));
    const { jobId } = tasks[0] as TaskRecord;
    const { outcome } = await kit.storage.cancelJob({ jobId, id: "x", lease: null });
    assert.equal(outcome, "accepted");
    kit.advance(100);
    assert.deepEqual((await kit.poll({ limit: 9, worker: "w2" })).tasks, []);
    assert.equal(await kit.reason(succeeded(tasks.at(-1) as TaskRecord)), "cancelled");
    const { job } = await kit.claimOne({ blueprints: [] });
    await kit.commit(job, end(kit.now, null, "cancelled"));
    assert.equal(await kit.reason(succeeded(tasks.at(-2) as TaskRecord)), "cancelled");
    assert.deepEqual((await kit.poll({ limit: 9, worker: "w2" })).tasks, []);
    await goOn(kit);
    assert.equal((await kit.storage.listRevoked({ shard: kit.shard })).tasks.length, many - 102);
    assert.deepEqual((await kit.poll({ limit: 9, worker: "w2" })).left, []);
  });

  check("a job isn't removed before its joins are closed to the last branch", async (kit) => {
    const tasks = await branchesOut(kit);
    await kit.settle(...tasks.slice(-50).map((task) => judged(task, { kind: "return" })));
    await kit.apply(succeeded(tasks[0] as TaskRecord));
    const told = (await kit.rung("revoked")).flatMap(({ taskIds }) => taskIds);
    const { jobId } = tasks[0] as TaskRecord;
    const { job } = await kit.claimOne({ limit: 1 });
    await kit.commit(job, end(kit.now, kit.now));
    for (let call = 0, more = true; more; call++) {
      const reply = await kit.storage.purge({ shard: kit.shard, limit: 100 });
      assert.equal(reply.removed <= 100 && call < 50, true);
      told.push(...(await kit.rung("revoked")).flatMap(({ taskIds }) => taskIds));
      const { found } = await kit.storage.getJob({ jobId });
      assert.equal(found !== null || told.length === many - 51, true, "no worker is left untold");
      more = reply.more;
    }
    assert.equal((await kit.storage.getJob({ jobId })).found, null);
    assert.equal(new Set(told).size, many - 51);
    assert.deepEqual((await kit.poll({ limit: 9, worker: "w2" })).left, [], "and nothing is left in a lane");
    assert.equal((await kit.poll({ limit: 0 })).open, 0);
    assert.deepEqual((await kit.storage.listRevoked({ shard: kit.shard })).tasks, []);
    const { nextDue, moreDue } = await kit.claim();
    assert.deepEqual([nextDue, moreDue], [null, false]);
  });

  check("joins that closed first are worked off first", async (kit) => {
    const [one, other] = [await branchesOut(kit, ["w1"]), await branchesOut(kit, ["w2"])];
    for (const tasks of [one, other]) {
      kit.advance(1);
      await kit.apply(succeeded(tasks[0] as TaskRecord));
    }
    await kit.bells();
    const order: string[] = [];
    for (let more = true; more; ) {
      ({ moreDue: more } = await kit.claim({ limit: 0 }));
      for (const { worker } of await kit.rung("revoked")) if (order.at(-1) !== worker) order.push(worker);
    }
    assert.deepEqual(order, ["w1", "w2"]);
  });

  check("what is left of a fan-out in several lanes goes from all of them", async (kit) => {
    const job = await kit.start();
    const other = laneOfType("other");
    const groups = [{ count: many }, { count: many, lane: other }];
    await kit.commit(job, awaitBranches(job, groups, "any"));
    const lanes = ['["work"]', other.id];
    const tasks = await kit.take(2 * many - 10, { lanes });
    const back = tasks.filter((_, at) => at % 2 === 1);
    await kit.settle(...back.map((task) => settlement(task, { kind: "return" })));
    await kit.apply(succeeded(tasks[0] as TaskRecord));
    await goOn(kit);
    const { left, open } = await kit.poll({ lanes, limit: 0 });
    assert.deepEqual([left, open], [[], tasks.length - back.length - 1]);
  });
}

/** A fan-out under `any`, all of it out with workers in turn; each commits nothing else. */
async function branchesOut(kit: Kit, workers = ["w1"], count = many, items = taskItems(count)): Promise<TaskRecord[]> {
  const job = await kit.start();
  await kit.commit(job, awaitBranches(job, [{ count, items }], "any", { graceMs }));
  const tasks: TaskRecord[] = [];
  const share = Math.ceil(count / workers.length);
  for (const worker of workers) tasks.push(...(await kit.take(Math.min(share, count - tasks.length), { worker })));
  return tasks;
}

/** Claims until nothing is left to be done. */
async function goOn(kit: Kit): Promise<void> {
  for (let calls = 0, more = true; more; calls++) {
    ({ moreDue: more } = await kit.claim({ limit: 0 }));
    assert.equal(calls < 20, true, "closings come to an end");
  }
}

async function details(kit: Kit, task: TaskRecord): Promise<TaskDetails> {
  const { found } = await kit.storage.getTask({ address: addressOf(task) });
  return found ?? assert.fail();
}
