import assert from "node:assert/strict";
import type { Lane } from "#core/task";
import { judged, laneOfType, retried, taskItem } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitTask } from "#storage/testkit/steps";

/** Storage.claimTasks: lanes and the order in which their tasks go out. */
export function checkLanes(check: Check): void {
  check("tasks go out by priority, then by age", async (kit) => {
    const old = await dispatch(kit, 0);
    const low = await dispatch(kit, -1000);
    const high = await dispatch(kit, 1000);
    const young = await dispatch(kit, 0);
    assert.deepEqual(await order(kit, 4), [high, old, young, low]);
  });

  check("the order goes through all lanes of the worker", async (kit) => {
    const a = laneOfType("a");
    const b = laneOfType("b");
    const picky = laneOfType("a", { requirements: { gpu: true } });
    const first = await dispatch(kit, 0, b);
    const second = await dispatch(kit, 0, picky);
    const third = await dispatch(kit, 0, a);
    const fourth = await dispatch(kit, 0, b);
    const urgent = await dispatch(kit, 5, picky);
    assert.deepEqual(await order(kit, 5, [a, b, picky]), [urgent, first, second, third, fourth]);
  });

  check("a worker gets tasks of its lanes only", async (kit) => {
    const picky = laneOfType("work", { requirements: { gpu: true } });
    await dispatch(kit, 1000, picky);
    await dispatch(kit, 1000, laneOfType("other"));
    const mine = await dispatch(kit, -5);
    const reply = await kit.poll({ limit: 5 });
    assert.deepEqual(
      reply.tasks.map(({ task }) => task.jobId),
      [mine],
    );
    assert.deepEqual((await kit.poll({ lanes: [] })).tasks, []);
    assert.deepEqual((await kit.poll({ lanes: ["nowhere"] })).tasks, []);
  });

  check("a retried attempt keeps its place", async (kit) => {
    const first = await dispatch(kit, 0);
    const second = await dispatch(kit, 0);
    const task = await kit.takeOne();
    assert.equal(task.jobId, first);
    await kit.apply(retried(task, kit.now + 100));
    kit.advance(100);
    const third = await dispatch(kit, 0);
    assert.deepEqual(await order(kit, 3), [first, second, third]);
  });

  check("an attempt that was given back keeps its place", async (kit) => {
    const first = await dispatch(kit, 0);
    const second = await dispatch(kit, 0);
    await kit.apply(judged(await kit.takeOne(), { kind: "return" }));
    assert.deepEqual(await order(kit, 2), [first, second]);
  });

  check("a poll names the lanes in which tasks are left", async (kit) => {
    const a = laneOfType("a");
    const b = laneOfType("b");
    await dispatch(kit, 0, a);
    await dispatch(kit, 0, b);
    await dispatch(kit, 0, b);
    await dispatch(kit, 0, laneOfType("c"));
    const lanes = [a.id, b.id, '["empty"]'];
    assert.deepEqual((await kit.poll({ lanes, limit: 0 })).left, [a.id, b.id]);
    assert.deepEqual((await kit.poll({ lanes, limit: 2 })).left, [b.id]);
    assert.deepEqual((await kit.poll({ lanes, limit: 2 })).left, []);
  });

  check("a poll tells which lanes there are, each once", async (kit) => {
    const none = await kit.poll({ lanes: [] });
    assert.deepEqual(none.lanes, []);
    const a = laneOfType("a", { requirements: { installed_models: ["x"], vram: 8 }, maxCost: 1.5 });
    const b = laneOfType("a", { strategy: "cheapest" });
    await dispatch(kit, 0, a);
    const first = await kit.poll({ lanes: [], lanesSeen: none.lanesVersion });
    assert.deepEqual(first.lanes, [a]);
    await dispatch(kit, 0, a);
    const same = await kit.poll({ lanes: [], lanesSeen: first.lanesVersion });
    assert.deepEqual([same.lanes, same.lanesVersion], [[], first.lanesVersion]);
    await dispatch(kit, 0, b);
    const second = await kit.poll({ lanes: [], lanesSeen: first.lanesVersion });
    assert.deepEqual(second.lanes, [b]);
    const all = await kit.poll({ lanes: [], lanesSeen: 0 });
    assert.deepEqual(
      [...all.lanes].sort((x, y) => x.id.length - y.id.length),
      [b, a],
    );
  });

  check("lanes that no worker serves don't stand in the way", async (kit) => {
    for (let n = 0; n < 300; n++) {
      const lane = laneOfType("work", { requirements: { site: n } });
      await dispatch(kit, n % 2 === 0 ? 1000 : 0, lane, `b${n}`);
    }
    const mine = [7, 8, 150, 299].map((n) => laneOfType("work", { requirements: { site: n } }));
    const reply = await kit.poll({ lanes: mine.map(({ id }) => id), limit: 10 });
    assert.deepEqual(
      reply.tasks.map(({ task }) => task.lane),
      [1, 2, 0, 3].map((n) => mine[n]?.id),
    );
  });

  check("a lane that ran empty is used again", async (kit) => {
    for (let n = 0; n < 3; n++) {
      const job = await dispatch(kit, 0);
      assert.deepEqual(await order(kit, 1), [job]);
      assert.deepEqual(await order(kit, 0), []);
    }
  });

  check("a thousand tasks of one lane go out in order", async (kit) => {
    const jobs: string[] = [];
    for (let n = 0; n < 1000; n++) jobs.push(await dispatch(kit, 0, laneOfType(), `b${n}`));
    const seen: string[] = [];
    for (let n = 0; n < 10; n++) seen.push(...(await order(kit, 100)));
    assert.deepEqual(seen, jobs);
  });
}

async function dispatch(kit: Kit, priority: number, lane: Lane = laneOfType(), blueprint = "flow"): Promise<string> {
  const job = await kit.start({ blueprint });
  await kit.commit(job, awaitTask(job, lane, taskItem({ priority })));
  return job.id;
}

/** The jobs whose tasks a worker gets now, in order. */
async function order(kit: Kit, count: number, lanes: Lane[] = [laneOfType()]): Promise<string[]> {
  const tasks = await kit.take(count, { lanes: lanes.map(({ id }) => id) });
  return tasks.map(({ jobId }) => jobId);
}
