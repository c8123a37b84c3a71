import assert from "node:assert/strict";
import type { TaskRecord } from "#core/task";
import type { Bell } from "#storage/bell";
import { commit, judged, laneOfType, newJob, retried, succeeded } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitBranches, awaitDecision, awaitTask, end, sleep } from "#storage/testkit/steps";

/** Storage.listen: bells are rung on an edge, once what they tell of is written. */
export function checkBells(check: Check): void {
  check("what an engine tells is heard as it was said, odd texts included", async (kit) => {
    const wanted = { kind: "wanted", jobId: "j", wait: 3, blueprint: "b \ud800", state: "__proto__" } as const;
    const news = {
      hello: true,
      asking: [["w 1", kit.now]] as [string, number][],
      gone: [],
      handed: [],
      over: [],
      turns: [["w\n", "type", 7.5]] as [string, string, number][],
    };
    await kit.storage.tell({ bell: wanted });
    await kit.storage.tell({ bell: { kind: "desk", engine: "e1", news } });
    // Where a call is repeated so are its bells.
    const heard = new Map<string, Bell>();
    while (heard.size < 2) {
      const told = (await kit.bells()).filter(({ kind }) => kind === "wanted" || kind === "desk");
      for (const bell of told) heard.set(bell.kind, bell);
    }
    assert.deepEqual([heard.get("wanted"), heard.get("desk")], [wanted, { kind: "desk", engine: "e1", news }]);
  });

  check("ready: the first job of a queue rings", async (kit) => {
    const { shard } = kit;
    await kit.create({ blueprint: "a" });
    await kit.create({ blueprint: "a" });
    await kit.create({ blueprint: "b" });
    const ready = (blueprint: string) => ({ kind: "ready", shard, blueprint });
    assert.deepEqual(await kit.rung("ready"), [ready("a"), ready("b")]);
    await kit.claim({ blueprints: ["a"], limit: 1 });
    await kit.create({ blueprint: "a" });
    assert.deepEqual(await kit.rung("ready"), [], "one is still there");
    await kit.claim({ blueprints: ["a", "b"] });
    await kit.create({ blueprint: "a" });
    assert.deepEqual(await kit.rung("ready"), [ready("a")]);
  });

  check("ready: a job that is leased at once doesn't ring", async (kit) => {
    const job = await kit.start();
    assert.deepEqual(await kit.rung("ready"), []);
    await kit.commit(job, { next: "ready" });
    assert.deepEqual(
      (await kit.rung("ready")).map(({ blueprint }) => blueprint),
      ["flow"],
    );
  });

  check("ready: whatever closes a wait rings", async (kit) => {
    const asleep = await waiting(kit, "a", (job) => sleep(job, kit.now + 100));
    const person = await waiting(kit, "b", (job) => awaitDecision(job));
    await waiting(kit, "c", (job) => awaitTask(job));
    const task = await kit.takeOne();
    const dead = await kit.start({ blueprint: "d" }, { ms: 100 });
    await kit.bells();
    kit.advance(100);
    await kit.claim({ blueprints: [], limit: 0 });
    await kit.storage.deliver({ jobId: person.id, event: { id: "d", wait: 1, kind: "due" }, lease: null });
    await kit.apply(succeeded(task));
    assert.deepEqual((await kit.rung("ready")).map(({ blueprint }) => blueprint).sort(), ["a", "b", "c", "d"]);
    await kit.storage.cancelJob({ jobId: asleep.id, id: "x", lease: null });
    assert.deepEqual(
      (await kit.rung("ready")).map(({ blueprint }) => blueprint),
      ["*"],
      "anybody may end it",
    );
    assert.equal(dead.blueprint, "d");
  });

  check("lane: the first task of a lane rings", async (kit) => {
    const lane = laneOfType("work", { requirements: { gpu: true } });
    await waiting(kit, "a", (job) => awaitTask(job, lane));
    const [bell] = await kit.rung("lane");
    assert.deepEqual([bell?.shard, bell?.lane], [kit.shard, lane]);
    const { lanesVersion } = await kit.poll({ lanes: [] });
    assert.equal(bell?.version, lanesVersion);
    await waiting(kit, "b", (job) => awaitTask(job, lane));
    assert.deepEqual(await kit.rung("lane"), [], "one is still there");
    const tasks = await kit.take(2, { lanes: [lane.id] });
    await kit.apply(judged(tasks[0] as TaskRecord, { kind: "return" }));
    assert.equal((await kit.rung("lane")).length, 1);
  });

  check("lane: a fan-out rings once for each of its lanes", async (kit) => {
    const other = laneOfType("other");
    await waiting(kit, "a", (job) => awaitBranches(job, [{ count: 50 }, { count: 1, lane: other }]));
    assert.deepEqual(
      (await kit.rung("lane")).map(({ lane }) => lane.type),
      ["work", "other"],
    );
  });

  check("lane: a retry rings when its pause is over", async (kit) => {
    await waiting(kit, "a", (job) => awaitTask(job));
    await kit.apply(retried(await kit.takeOne(), kit.now + 100));
    await kit.bells();
    kit.advance(100);
    await kit.claim();
    assert.equal((await kit.rung("lane")).length, 1);
  });

  check("due: a new timer, lease or timeout rings with its time", async (kit) => {
    const ends = async () => (await kit.rung("due")).filter(({ shard }) => shard === kit.shard).map(({ at }) => at);
    const job = await kit.start({}, { ms: 700 });
    assert.deepEqual(await ends(), [kit.now + 700]);
    await kit.commit(job, sleep(job, kit.now + 400));
    assert.deepEqual(await ends(), [kit.now + 400]);
    await waiting(kit, "b", (started) => awaitTask(started));
    await kit.bells();
    await kit.takeOne({ offerMs: 300 });
    assert.deepEqual(await ends(), [kit.now + 300]);
    await waiting(kit, "c", (started) => awaitBranches(started, [{ count: 2, dispatchTimeoutMs: 200 }]));
    assert.equal((await ends()).includes(kit.now + 200), true);
  });

  check("ended: only a watched job rings at its end", async (kit) => {
    const quiet = await kit.start({ blueprint: "a" });
    await kit.commit(quiet, end(kit.now));
    const watched = await kit.start({ blueprint: "b", watched: true });
    const next = await kit.commit(watched);
    const later = await kit.start({ blueprint: "c" });
    await kit.storage.getJob({ jobId: later.id, watch: true });
    assert.deepEqual(await kit.rung("ended"), []);
    await kit.commit(next, end(kit.now));
    await kit.commit(later, end(kit.now, null, "failed"));
    assert.deepEqual(
      await kit.rung("ended"),
      [watched, later].map(({ id }) => ({ kind: "ended", jobId: id })),
    );
  });

  check("ended: looking without watching changes nothing", async (kit) => {
    const job = await kit.start();
    await kit.storage.getJob({ jobId: job.id });
    assert.equal((await kit.job(job.id)).watched, false);
    const { found } = await kit.storage.getJob({ jobId: job.id, watch: true });
    assert.equal(found?.job.watched, true);
    assert.equal((await kit.job(job.id)).watched, true);
    assert.equal((await kit.job(job.id)).version, job.version);
  });

  check("cancelled: a running job rings for its engine", async (kit) => {
    const job = await kit.start({}, { engine: "e7" });
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    assert.deepEqual(await kit.rung("cancelled"), [{ kind: "cancelled", jobId: job.id, engine: "e7" }]);
    await kit.storage.cancelJob({ jobId: await kit.create(), id: "x", lease: null });
    assert.deepEqual(await kit.rung("cancelled"), [], "nobody runs it");
  });

  check("revoked: workers hear which of their tasks were cancelled", async (kit) => {
    const job = await waiting(kit, "a", (started) => awaitBranches(started, [{ count: 5 }]));
    await kit.take(2);
    await kit.take(1, { worker: "w2" });
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    const bells = (await kit.rung("revoked")).sort((a, b) => (a.worker < b.worker ? -1 : 1));
    assert.deepEqual(
      bells.map(({ worker, taskIds }) => [worker, [...taskIds].sort()]),
      [
        ["w1", [`${job.id}_1_0_1`, `${job.id}_1_1_1`]],
        ["w2", [`${job.id}_1_2_1`]],
      ],
    );
  });

  check("workers: a changed record rings with the version", async (kit) => {
    const put = (record: object | null) =>
      kit.storage.putWorkers({
        workers: [{ id: "w1", record: record as never, seenAt: kit.now, expiresAt: kit.now + 100 }],
      });
    const { version } = await put({ n: 1 });
    assert.deepEqual(await kit.rung("workers"), [{ kind: "workers", version }]);
    await put(null);
    assert.deepEqual(await kit.rung("workers"), []);
    kit.advance(100);
    await kit.storage.purge({ shard: 0, limit: 10 });
    assert.equal((await kit.rung("workers")).length, 1, "also when it went");
  });

  check("bells ring when what they tell of can be read", async (kit) => {
    const found: Promise<unknown>[] = [];
    const stop = kit.storage.listen((bell) => {
      if (bell.kind === "ended") found.push(kit.storage.getJob({ jobId: bell.jobId }));
    });
    const job = await kit.start({ watched: true });
    await kit.commit(job, end(kit.now));
    await kit.bells();
    stop();
    const [reply] = (await Promise.all(found)) as { found: { job: { status: string } } }[];
    assert.equal(reply?.found.job.status, "finished");
  });

  check("several may listen, until they stop", async (kit) => {
    const [first, second]: [Bell[], Bell[]] = [[], []];
    const stopFirst = kit.storage.listen((bell) => first.push(bell));
    const stopSecond = kit.storage.listen((bell) => second.push(bell));
    await kit.create({ blueprint: "a" });
    await kit.bells();
    stopFirst();
    stopFirst();
    const heard = first.length;
    await kit.create({ blueprint: "b" });
    await kit.bells();
    stopSecond();
    assert.equal(first.length, heard);
    assert.deepEqual(
      second.flatMap((bell) => (bell.kind === "ready" ? [bell.blueprint] : [])).filter((name) => name.length === 1),
      ["a", "b"],
    );
  });

  check("a refused call rings nothing", async (kit) => {
    const job = await kit.start();
    await kit.bells();
    const child = newJob(kit.id(), { blueprint: "child" });
    const { id, version } = job;
    const step = { ...awaitTask(job), jobId: id, version: version + 1, children: [child] };
    await kit.storage.commitStep({ commit: commit(job, step), lease: null });
    assert.deepEqual(await kit.bells(), []);
  });
}

async function waiting(kit: Kit, blueprint: string, step: (job: Awaited<ReturnType<Kit["start"]>>) => object) {
  const job = await kit.start({ blueprint });
  return kit.commit(job, step(job));
}
