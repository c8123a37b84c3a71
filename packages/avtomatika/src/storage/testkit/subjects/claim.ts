import assert from "node:assert/strict";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitTask, end, sleep } from "#storage/testkit/steps";

/** Storage.claimJobs: what is ready, in which order, and what is due. */
export function checkClaim(check: Check): void {
  check("an empty store has nothing to claim", async (kit) => {
    const nothing = {
      jobs: [],
      tasks: [],
      left: false,
      moreDue: false,
      nextDue: null,
      purgeDue: false,
      outages: [],
    };
    assert.deepEqual(await kit.claim(), { ...nothing, now: kit.now });
  });

  check("a claimed job is leased and claimed by nobody else", async (kit) => {
    const id = await kit.create();
    const { job } = await kit.claimOne({ engine: "e2", claim: "c", ms: 700 });
    assert.equal(job.id, id);
    assert.deepEqual(job.lease, { engine: "e2", claim: "c", until: kit.now + 700 });
    assert.deepEqual([job.status, job.runs, job.ready, job.version], ["running", 1, null, 1]);
    assert.deepEqual((await kit.claim()).jobs, []);
    assert.deepEqual(await kit.job(id), job);
  });

  check("jobs are claimed by priority, then by age", async (kit) => {
    const old = await kit.create();
    const low = await kit.create({ priority: -1000 });
    const high = await kit.create({ priority: 1000 });
    const young = await kit.create();
    const middle = await kit.create({ priority: 1 });
    assert.deepEqual(await claimed(kit, 5), [high, middle, old, young, low]);
  });

  check("work that was begun comes before new work", async (kit) => {
    const begun = await kit.start({ priority: -1000 });
    await kit.commit(begun, { next: "ready" });
    const fresh = await kit.create({ priority: 1000 });
    assert.deepEqual(await claimed(kit, 2), [begun.id, fresh]);
  });

  check("a job whose run was lost is work that was begun", async (kit) => {
    const lost = await kit.start({ priority: -1000 }, { ms: 10 });
    const fresh = await kit.create({ priority: 1000 });
    kit.advance(10);
    assert.deepEqual(await claimed(kit, 2), [lost.id, fresh]);
  });

  check("the order goes through all blueprints of the claim", async (kit) => {
    const first = await kit.create({ blueprint: "b" });
    const second = await kit.create({ blueprint: "a" });
    const third = await kit.create({ blueprint: "b" });
    assert.deepEqual(await claimed(kit, 9, ["a", "b"]), [first, second, third]);
  });

  check("only jobs of known blueprints are claimed", async (kit) => {
    const known = await kit.create({ blueprint: "a" });
    const strange = await kit.create({ blueprint: "b" });
    const first = await kit.claim({ blueprints: ["a"] });
    assert.deepEqual(
      first.jobs.map(({ job }) => job.id),
      [known],
    );
    assert.equal(first.left, false, "what the engine doesn't know isn't left for it");
    assert.deepEqual(await claimed(kit, 9, ["b"]), [strange]);
  });

  check("an engine without blueprints claims nothing", async (kit) => {
    await kit.create();
    assert.deepEqual((await kit.claim({ blueprints: [] })).jobs, []);
  });

  check("a claim takes up to its limit and says that more is left", async (kit) => {
    for (let n = 0; n < 3; n++) await kit.create();
    const first = await kit.claim({ limit: 2 });
    assert.deepEqual([first.jobs.length, first.left], [2, true]);
    const second = await kit.claim({ limit: 2 });
    assert.deepEqual([second.jobs.length, second.left], [1, false]);
    await kit.create();
    const none = await kit.claim({ limit: 0 });
    assert.deepEqual([none.jobs.length, none.left], [0, true]);
  });

  check("a repeated claim gives the same jobs and no more", async (kit) => {
    for (let n = 0; n < 3; n++) await kit.create();
    const first = await kit.claim({ claim: "c", limit: 2 });
    const again = await kit.claim({ claim: "c", limit: 2 });
    const ids = (jobs: typeof first.jobs) => jobs.map(({ job }) => [job.id, job.runs, job.lease?.claim]).sort();
    assert.deepEqual(ids(again.jobs), ids(first.jobs));
    assert.equal(again.jobs[0]?.job.runs, 1);
    assert.equal((await kit.claim({ claim: "d" })).jobs.length, 1);
  });

  check("a lease that ran out is granted again and the run is counted", async (kit) => {
    const lost = await kit.start({}, { ms: 1000 });
    kit.advance(999);
    assert.deepEqual((await kit.claim()).jobs, []);
    kit.advance(1);
    const { job } = await kit.claimOne({ engine: "e2", ms: 2000 });
    assert.deepEqual([job.id, job.runs, job.lease?.engine], [lost.id, 2, "e2"]);
    kit.advance(2000);
    assert.equal((await kit.claimOne()).job.runs, 3);
  });

  check("a repeated claim doesn't give a job whose lease has run out", async (kit) => {
    await kit.start({}, { claim: "c", ms: 1000 });
    kit.advance(1000);
    const { jobs } = await kit.claim({ claim: "c" });
    for (const { job } of jobs) assert.deepEqual(job.lease, (await kit.job(job.id)).lease, "the reply is the truth");
  });

  check("a timer that is due closes its wait", async (kit) => {
    const due = kit.now + 5000;
    const asleep = await start(kit, (job) => sleep(job, due));
    kit.advance(4999);
    const before = await kit.claim();
    assert.deepEqual([before.jobs.length, before.nextDue], [0, due]);
    kit.advance(1);
    const { job } = await kit.claimOne();
    assert.deepEqual([job.id, job.wait, job.due, job.status, job.runs], [asleep.id, null, null, "running", 1]);
    assert.deepEqual(job.event, { id: job.event?.id, wait: asleep.wait, kind: "due" });
    assert.equal(job.closedBy, job.event?.id);
  });

  check("many due jobs are made ready in several calls, none lost", async (kit) => {
    for (let n = 0; n < 250; n++) await start(kit, (job) => sleep(job, kit.now + 1000), `b${n}`);
    kit.advance(1000);
    const blueprints = Array.from({ length: 250 }, (_, n) => `b${n}`);
    const seen = new Set<string>();
    for (let call = 0; call < 10; call++) {
      const { jobs, moreDue, nextDue } = await kit.claim({ limit: 1000, blueprints });
      for (const { job } of jobs) seen.add(job.id);
      assert.equal(moreDue, call < 2);
      if (!moreDue && (nextDue === null || nextDue > kit.now)) break;
    }
    assert.equal(seen.size, 250);
  });

  check("an engine comes back when the first thing is due", async (kit) => {
    assert.equal((await kit.claim()).nextDue, null);
    await kit.start({}, { ms: 9000 });
    assert.equal((await kit.claim()).nextDue, kit.now + 9000);
    await start(kit, (job) => sleep(job, kit.now + 8000));
    assert.equal((await kit.claim()).nextDue, kit.now + 8000);
    await start(kit, (job) => awaitTask(job));
    await kit.takeOne({ offerMs: 7000 });
    assert.equal((await kit.claim()).nextDue, kit.now + 7000);
    const ended = await kit.start({ blueprint: "short" });
    await kit.commit(ended, end(kit.now, kit.now + 6000));
    assert.equal((await kit.claim()).nextDue, kit.now + 6000);
  });

  check("a silence of all engines becomes an outage, of which every later claim tells", async (kit) => {
    const extend = () => {
      const none = { jobs: [], confirm: [], release: [], checkMs: 1 };
      return kit.storage.extendLeases({ shard: kit.shard, engine: "e1", ms: 1, silenceMs: 5000, ...none });
    };
    assert.deepEqual((await kit.claim()).outages, [], "a new store has seen none");
    kit.advance(5000);
    assert.deepEqual((await kit.claim({ silenceMs: 5000 })).outages, [], "5 s are not longer than 5 s");
    kit.advance(4000);
    await extend();
    const from = kit.now;
    kit.advance(2501);
    await kit.create();
    const first = { from, to: kit.now };
    assert.deepEqual((await kit.claim({ silenceMs: 2500 })).outages, [first], "a creation is no engine's sign of life");
    assert.deepEqual((await kit.claim()).outages, [first], "the repeat, and every other engine");
    kit.advance(6000);
    await extend();
    const second = { from: first.to, to: kit.now };
    kit.advance(10);
    assert.deepEqual((await kit.claim()).outages, [first, second], "found by a prolongation");
  });

  check("the latest 20 outages are remembered", async (kit) => {
    const all = [];
    await kit.claim();
    for (let n = 0; n < 22; n++) {
      const from = kit.now;
      kit.advance(6000);
      await kit.claim();
      all.push({ from, to: kit.now });
    }
    assert.deepEqual((await kit.claim()).outages, all.slice(-20));
  });
}

async function claimed(kit: Kit, limit: number, blueprints = ["flow"]): Promise<string[]> {
  return (await kit.claim({ limit, blueprints })).jobs.map(({ job }) => job.id);
}

async function start(kit: Kit, step: (job: Awaited<ReturnType<Kit["start"]>>) => object, blueprint = "flow") {
  const job = await kit.start({ blueprint });
  return kit.commit(job, step(job));
}
