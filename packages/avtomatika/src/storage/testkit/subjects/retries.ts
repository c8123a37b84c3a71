import assert from "node:assert/strict";
import type { TaskRecord } from "#core/task";
import { addressOf, failure, judged, laneOfType, retried, succeeded, taskItem } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitTask } from "#storage/testkit/steps";

/** Further attempts of a task, and the status of its job meanwhile. */
export function checkRetries(check: Check): void {
  check("a retry is a new attempt after its pause", async (kit) => {
    const task = await held(kit);
    kit.advance(10);
    await kit.apply(retried(task, kit.now + 500));
    const { job, task: delayed } = await kit.details(task.jobId);
    assert.deepEqual([job.status, job.wait, job.ready], ["awaiting_retry", 1, null]);
    assert.deepEqual([delayed?.state, delayed?.attempt, delayed?.due], ["delayed", 2, kit.now + 500]);
    assert.deepEqual(delayed?.past, [{ attempt: 1, worker: "w1", answer: "failure" }]);
    assert.deepEqual((await kit.poll()).tasks, []);
    assert.equal((await kit.claim()).nextDue, kit.now + 500);
    kit.advance(500);
    const second = await kit.takeOne({ worker: "w2" });
    assert.deepEqual([second.attempt, second.worker, second.unconfirmed], [2, "w2", 0]);
    assert.deepEqual(second.past, delayed?.past);
    assert.equal((await kit.job(task.jobId)).status, "waiting_for_worker");
    await kit.apply(succeeded(second));
    assert.equal((await kit.job(task.jobId)).status, "running");
  });

  check("no attempt is handed out once the result timeout is over: the engine is asked instead", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitTask(job, laneOfType(), taskItem({ resultDue: kit.now + 800 })));
    const task = await kit.takeOne();
    await kit.apply(retried(task, kit.now + 2000));
    kit.advance(800);
    assert.deepEqual((await kit.poll()).tasks, []);
    const [due] = (await kit.claim()).tasks;
    assert.deepEqual([due?.task?.attempt, due?.task?.state], [2, "delayed"]);
    assert.deepEqual((await kit.poll()).tasks, []);
  });

  check("a pause that is over puts the task in its lane by a claim of jobs too", async (kit) => {
    const task = await held(kit);
    await kit.apply(retried(task, kit.now + 500));
    kit.advance(500);
    const { jobs, tasks } = await kit.claim();
    assert.deepEqual([jobs, tasks], [[], []]);
    const { job, task: queued } = await kit.details(task.jobId);
    assert.deepEqual([job.status, queued?.state, queued?.queuedAt], ["waiting_for_worker", "queued", kit.now]);
    assert.deepEqual((await kit.poll({ lanes: ['["work"]'], limit: 0 })).left, ['["work"]']);
  });

  check("each attempt counts its own unconfirmed offers", async (kit) => {
    await kit.apply(judged(await held(kit), { kind: "return" }));
    const again = await kit.takeOne();
    assert.equal(again.unconfirmed, 1);
    await kit.apply(retried(again, kit.now));
    const second = await kit.takeOne();
    assert.deepEqual([second.attempt, second.unconfirmed], [2, 0]);
  });

  check("a worker that failed a task has room again at once", async (kit) => {
    const task = await held(kit);
    await kit.apply(retried(task, kit.now + 500));
    const { open, full } = await kit.poll({ capacity: 1 });
    assert.deepEqual([open, full], [0, false]);
  });

  check("a retry by the engine is fenced by what it saw", async (kit) => {
    const task = await held(kit);
    const verdict = retried(task, kit.now + 500).verdict;
    assert.equal(await kit.reason({ ...judged(task, verdict), rev: task.rev - 1 }), "stale");
    await kit.apply(judged(task, verdict));
    assert.equal(await kit.reason(judged(task, verdict)), "stale");
    const { task: delayed } = await kit.details(task.jobId);
    assert.deepEqual([delayed?.attempt, delayed?.past], [2, []], "no worker has to be told the same again");
  });

  check("each queued attempt has its own dispatch timeout", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitTask(job, laneOfType(), taskItem({ dispatchTimeoutMs: 1000 })));
    const first = (await kit.details(job.id)).task ?? assert.fail();
    assert.equal(first.due, kit.now + 1000);
    kit.advance(900);
    const task = await kit.takeOne();
    await kit.apply(retried(task, kit.now + 100));
    kit.advance(100);
    await kit.claim();
    const second = (await kit.details(job.id)).task ?? assert.fail();
    assert.equal(second.due, kit.now + 1000);
    kit.advance(1000);
    const [due] = (await kit.claim()).tasks;
    assert.deepEqual([due?.task?.state, due?.task?.attempt], ["queued", 2]);
  });

  check("a queued task whose time is over is withdrawn by the engine's judgement", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitTask(job, laneOfType(), taskItem({ dispatchTimeoutMs: 1000 })));
    kit.advance(1000);
    const [due] = (await kit.claim()).tasks;
    const task = due?.task ?? assert.fail();
    assert.deepEqual([due?.lane, due?.join.single, due?.result], [laneOfType(), true, null]);
    assert.deepEqual(due?.job, { status: "waiting_for_worker", cancelled: false, ended: false });
    const end = failure(task, "DISPATCH_TIMEOUT_ERROR");
    await kit.apply(judged(task, { kind: "done", ok: false, end, answer: "failure" }));
    assert.deepEqual((await kit.poll()).tasks, []);
    assert.deepEqual((await kit.poll({ limit: 0 })).left, []);
    assert.equal((await kit.claimOne()).job.event?.kind, "task");
    assert.equal((await kit.storage.getTask({ address: addressOf(task) })).found?.result?.end.workerId, null);
  });

  check("a hand-out wins over the judgement of the queued task", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitTask(job, laneOfType(), taskItem({ dispatchTimeoutMs: 1000 })));
    kit.advance(1000);
    const seen = (await kit.claim()).tasks[0]?.task ?? assert.fail();
    const { tasks } = await kit.poll();
    const verdict = retried(seen, kit.now).verdict;
    const reason = await kit.reason(judged(seen, verdict));
    assert.equal(reason, tasks.length === 1 ? "stale" : "applied", "one of the two, never both");
  });

  check("the time for a result goes on through the pause", async (kit) => {
    const resultDue = kit.now + 1000;
    const job = await kit.start();
    await kit.commit(job, awaitTask(job, laneOfType(), taskItem({ resultDue })));
    assert.equal((await kit.details(job.id)).task?.due, resultDue);
    const task = await kit.takeOne();
    await kit.apply(retried(task, kit.now + 5000));
    assert.equal((await kit.details(job.id)).task?.due, resultDue);
    kit.advance(1000);
    assert.deepEqual(
      (await kit.claim()).tasks.map((due) => due.task?.attempt),
      [2],
    );
  });

  check("many pauses that end together are queued in several calls", async (kit) => {
    const tasks: TaskRecord[] = [];
    for (let n = 0; n < 250; n++) tasks.push(await held(kit, `b${n}`));
    for (const task of tasks) await kit.apply(retried(task, kit.now + 1000));
    kit.advance(1000);
    const seen: string[] = [];
    for (let call = 0; call < 10; call++) {
      await kit.claim();
      seen.push(...(await kit.poll({ limit: 1000, worker: "w2", capacity: 2000 })).tasks.map(({ task }) => task.jobId));
    }
    assert.equal(new Set(seen).size, 250);
    assert.equal(seen.length, 250);
  });
}

async function held(kit: Kit, blueprint = "flow"): Promise<TaskRecord> {
  const job = await kit.start({ blueprint });
  await kit.commit(job, awaitTask(job));
  return kit.takeOne();
}
