import assert from "node:assert/strict";
import type { JsonObject } from "#core/json";
import type { TaskRecord } from "#core/task";
import { judged, laneOfType, succeeded, taskItem } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitTask } from "#storage/testkit/steps";

const day = 86_400_000;

/** Worker records, and what happens to the leases of a worker that comes back as a new process. */
export function checkWorkers(check: Check): void {
  check("a worker's record is listed as it was written", async (kit) => {
    const record = { skills: ["a"], nested: { vram: 8.5, none: null } };
    const { version } = await put(kit, "w1", record);
    const listed = await kit.storage.listWorkers({ since: 0 });
    assert.deepEqual(listed, { workers: [{ id: "w1", record, seenAt: kit.now, version }], version, now: kit.now });
  });

  check("a store without workers lists none", async (kit) => {
    assert.deepEqual((await kit.storage.listWorkers({ since: 0 })).workers, []);
    assert.deepEqual((await kit.storage.listWorkers({ since: 7 })).workers, []);
  });

  check("only what changed since a version is listed", async (kit) => {
    await put(kit, "w1", { n: 1 });
    const { version } = await put(kit, "w2", { n: 2 });
    assert.deepEqual((await kit.storage.listWorkers({ since: version })).workers, []);
    await put(kit, "w1", { n: 3 });
    const changed = await kit.storage.listWorkers({ since: version });
    assert.deepEqual(
      changed.workers.map(({ id, record }) => [id, record]),
      [["w1", { n: 3 }]],
    );
    assert.equal(changed.version > version, true);
    assert.deepEqual((await kit.storage.listWorkers({ since: changed.version })).workers, []);
    assert.equal((await kit.storage.listWorkers({ since: 0 })).workers.length, 2);
  });

  check("a sign of life changes no record and no version", async (kit) => {
    const { version } = await put(kit, "w1", { n: 1 });
    kit.advance(1000);
    await put(kit, "w1", null);
    const { workers } = await kit.storage.listWorkers({ since: 0 });
    assert.deepEqual(workers, [{ id: "w1", record: { n: 1 }, seenAt: kit.now, version }]);
  });

  check("a sign of life that comes late doesn't set the clock back", async (kit) => {
    await put(kit, "w1", { n: 1 });
    const worker = { id: "w1", record: null, seenAt: kit.now - 500, expiresAt: kit.now + day };
    await kit.storage.putWorkers({ workers: [worker] });
    assert.equal((await kit.storage.listWorkers({ since: 0 })).workers[0]?.seenAt, kit.now);
  });

  check("a sign of life of an unknown worker is no record", async (kit) => {
    await put(kit, "ghost", null, 1000);
    assert.deepEqual((await kit.storage.listWorkers({ since: 0 })).workers, []);
    kit.advance(1000);
    assert.equal((await purge(kit)).removed, 0);
  });

  check("signs of life are listed for every worker whose record lives long enough", async (kit) => {
    await put(kit, "w1", { n: 1 }, 1000);
    await put(kit, "w2", { n: 2 }, 2000);
    assert.deepEqual(await signs(kit, kit.now + 1000), ["w2"]);
    kit.advance(500);
    await put(kit, "w1", null, 1000);
    assert.deepEqual(await signs(kit, kit.now + 500), ["w1", "w2"]);
    const listed = await kit.storage.listSigns({ after: 0 });
    const seen = new Map(listed.signs.map(({ id, seenAt }) => [id, kit.now - seenAt]));
    assert.deepEqual([listed.now, seen.get("w1"), seen.get("w2")], [kit.now, 0, 500]);
  });

  check("a worker whose record went gives no sign of life", async (kit) => {
    await put(kit, "w1", { n: 1 }, 1000);
    kit.advance(1000);
    await purge(kit);
    assert.deepEqual(await signs(kit, 0), []);
  });

  check("signs of life are listed however many there are", async (kit) => {
    const at = { seenAt: kit.now, expiresAt: kit.now + day };
    const workers = Array.from({ length: 2500 }, (_, n) => ({ id: `w${n}`, record: { n }, ...at }));
    await kit.storage.putWorkers({ workers });
    assert.equal(new Set(await signs(kit, kit.now)).size, 2500);
  });

  check("many workers are written in one call", async (kit) => {
    const workers = Array.from({ length: 100 }, (_, n) => ({
      id: `w${n}`,
      record: { n },
      seenAt: kit.now,
      expiresAt: kit.now + day,
    }));
    const { version } = await kit.storage.putWorkers({ workers });
    const listed = await kit.storage.listWorkers({ since: 0 });
    assert.deepEqual([listed.workers.length, listed.version], [100, version]);
    assert.equal(new Set(listed.workers.map((worker) => worker.version)).size, 100);
  });

  check("a record that ran out becomes a tombstone, which goes a day later", async (kit) => {
    const { version } = await put(kit, "w1", { n: 1 }, 1000);
    await put(kit, "w2", { n: 2 }, 10 * day);
    kit.advance(1000);
    await purge(kit);
    const gone = await kit.storage.listWorkers({ since: version });
    const record = gone.workers.find(({ id }) => id === "w1");
    assert.deepEqual([record?.record, (record?.version ?? 0) > version], [null, true]);
    kit.advance(day);
    await purge(kit);
    const { workers } = await kit.storage.listWorkers({ since: 0 });
    assert.deepEqual(
      workers.map(({ id }) => id),
      ["w2"],
    );
  });

  check("a sign of life keeps a record from running out", async (kit) => {
    await put(kit, "w1", { n: 1 }, 1000);
    kit.advance(900);
    await put(kit, "w1", null, 1000);
    kit.advance(900);
    await purge(kit);
    assert.deepEqual((await kit.storage.listWorkers({ since: 0 })).workers[0]?.record, { n: 1 });
  });

  check("a worker that is gone may come back", async (kit) => {
    await put(kit, "w1", { n: 1 }, 1000);
    kit.advance(1000);
    await purge(kit);
    const { version } = await kit.storage.listWorkers({ since: 0 });
    await put(kit, "w1", null);
    assert.equal(
      (await kit.storage.listWorkers({ since: 0 })).workers[0]?.record,
      null,
      "a sign of life is no registration",
    );
    await put(kit, "w1", { n: 2 });
    const { workers } = await kit.storage.listWorkers({ since: version });
    assert.deepEqual(
      workers.map(({ record }) => record),
      [{ n: 2 }],
    );
    kit.advance(day - 1);
    await purge(kit);
    assert.deepEqual((await kit.storage.listWorkers({ since: 0 })).workers[0]?.record, { n: 2 });
  });

  check("a new process of a worker gives back what it doesn't name", async (kit) => {
    const [kept, first, second] = [await held(kit, "a"), await held(kit, "b"), await held(kit, "c")];
    const other = await held(kit, "d", "w2");
    const keep = [`${kept.jobId}_1_0_1`];
    const input = { shard: kit.shard, worker: "w1", keep };
    const { released } = await kit.storage.releaseLeases(input);
    assert.deepEqual([...released].sort(), [`${first.jobId}_1_0_1`, `${second.jobId}_1_0_1`].sort());
    assert.deepEqual((await kit.storage.releaseLeases(input)).released, [], "a repeat gives nothing back");
    assert.equal((await kit.poll({ limit: 0 })).open, 1);
    const again = await kit.take(2, { worker: "w3" });
    assert.deepEqual(
      again.map(({ jobId, attempt }) => [jobId, attempt]),
      [
        [first.jobId, 1],
        [second.jobId, 1],
      ],
    );
    assert.deepEqual(
      [kept, other].map(({ worker }) => worker),
      ["w1", "w2"],
    );
    assert.deepEqual((await kit.poll({ worker: "w4" })).tasks, []);
  });

  check("the former process's result counts until another has the task", async (kit) => {
    const task = await held(kit, "a");
    await kit.storage.releaseLeases({ shard: kit.shard, worker: "w1", keep: [] });
    await kit.apply(succeeded(task));
    assert.deepEqual((await kit.poll({ worker: "w2" })).tasks, []);
  });

  check("a new process has nothing to do with what was revoked", async (kit) => {
    const task = await held(kit, "a");
    await kit.storage.cancelJob({ jobId: task.jobId, id: "x", lease: null });
    const { released } = await kit.storage.releaseLeases({ shard: kit.shard, worker: "w1", keep: [] });
    assert.deepEqual(released, [`${task.jobId}_1_0_1`]);
    assert.equal((await kit.poll({ limit: 0 })).open, 0);
    assert.deepEqual((await kit.storage.listRevoked({ shard: kit.shard })).tasks, []);
    assert.deepEqual((await kit.poll({ worker: "w2" })).tasks, [], "it isn't handed out again");
  });

  check("a worker without leases gives nothing back", async (kit) => {
    const { released } = await kit.storage.releaseLeases({ shard: kit.shard, worker: "nobody", keep: ["x"] });
    assert.deepEqual(released, []);
  });

  check("revoked tasks are listed with their workers", async (kit) => {
    const first = await held(kit, "a");
    const second = await held(kit, "b", "w2");
    await held(kit, "c");
    for (const { jobId } of [first, second]) await kit.storage.cancelJob({ jobId, id: "x", lease: null });
    const { tasks } = await kit.storage.listRevoked({ shard: kit.shard });
    assert.deepEqual(
      [...tasks].sort((a, b) => (a.worker < b.worker ? -1 : 1)),
      [
        { worker: "w1", taskId: `${first.jobId}_1_0_1` },
        { worker: "w2", taskId: `${second.jobId}_1_0_1` },
      ],
    );
  });

  check("a task that was given back isn't held by anybody", async (kit) => {
    const task = await held(kit, "a");
    await kit.apply(judged(task, { kind: "return" }));
    assert.deepEqual((await kit.storage.releaseLeases({ shard: kit.shard, worker: "w1", keep: [] })).released, []);
  });
}

function put(kit: Kit, id: string, record: JsonObject | null, ttl = day): Promise<{ version: number }> {
  return kit.storage.putWorkers({ workers: [{ id, record, seenAt: kit.now, expiresAt: kit.now + ttl }] });
}

async function signs(kit: Kit, after: number): Promise<string[]> {
  return (await kit.storage.listSigns({ after })).signs.map(({ id }) => id).sort();
}

function purge(kit: Kit) {
  return kit.storage.purge({ shard: 0, limit: 1000 });
}

async function held(kit: Kit, blueprint: string, worker = "w1"): Promise<TaskRecord> {
  const job = await kit.start({ blueprint });
  await kit.commit(job, awaitTask(job, laneOfType(), taskItem()));
  return kit.takeOne({ worker });
}
