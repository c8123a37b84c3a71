import assert from "node:assert/strict";
import { commit } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";

/** Storage.extendLeases, as it concerns jobs. */
export function checkLeases(check: Check): void {
  check("an extended lease lasts longer", async (kit) => {
    const job = await kit.start({}, { ms: 1000 });
    kit.advance(900);
    const reply = await extend(kit, { jobs: [{ jobId: job.id, claim: job.lease?.claim ?? "" }] });
    assert.deepEqual([reply.lost, reply.cancelled], [[], []]);
    assert.equal((await kit.job(job.id)).lease?.until, kit.now + 5000);
    kit.advance(4999);
    assert.deepEqual((await kit.claim()).jobs, []);
    kit.advance(1);
    assert.equal((await kit.claimOne()).job.id, job.id);
  });

  check("a lease that ran out but that nobody took is still held", async (kit) => {
    const job = await kit.start({}, { ms: 1000 });
    kit.advance(2000);
    const reply = await extend(kit, { jobs: [{ jobId: job.id, claim: job.lease?.claim ?? "" }] });
    assert.deepEqual(reply.lost, []);
    assert.deepEqual((await kit.claim()).jobs, []);
  });

  check("a lease that ran out while no engine called is its engine's for five seconds more", async (kit) => {
    const job = await kit.start({}, { ms: 1000 });
    await kit.claim({ blueprints: [] });
    kit.advance(6000);
    const { jobs, nextDue } = await kit.claim();
    assert.deepEqual([jobs, nextDue], [[], kit.now + 5000]);
    kit.advance(4999);
    const reply = await extend(kit, { jobs: [{ jobId: job.id, claim: job.lease?.claim ?? "" }] });
    assert.deepEqual(reply.lost, []);
    kit.advance(4999);
    assert.deepEqual((await kit.claim()).jobs, []);
    kit.advance(1);
    assert.equal((await kit.claimOne()).job.runs, 2);
  });

  check("a lease whose engine doesn't come back after an outage is lost", async (kit) => {
    const job = await kit.start({}, { ms: 1000 });
    await kit.claim({ blueprints: [] });
    kit.advance(6000);
    assert.deepEqual((await kit.claim()).jobs, []);
    kit.advance(5000);
    assert.equal((await kit.claimOne()).job.id, job.id);
  });

  check("leases that were lost are named", async (kit) => {
    const job = await kit.start({}, { ms: 1000 });
    kit.advance(1000);
    const again = await kit.claimOne();
    const unknown = kit.id();
    const jobs = [
      { jobId: job.id, claim: job.lease?.claim ?? "" },
      { jobId: unknown, claim: "c" },
    ];
    assert.deepEqual((await extend(kit, { jobs })).lost, [job.id, unknown]);
    assert.deepEqual((await kit.job(job.id)).lease, again.job.lease);
  });

  check("a job that was given up is no longer held", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, { next: "ready" });
    const reply = await extend(kit, { jobs: [{ jobId: job.id, claim: job.lease?.claim ?? "" }] });
    assert.deepEqual(reply.lost, [job.id]);
    assert.equal((await kit.job(job.id)).lease, null);
  });

  check("an engine hears of a cancel when it extends", async (kit) => {
    const job = await kit.start();
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    const reply = await extend(kit, { jobs: [{ jobId: job.id, claim: job.lease?.claim ?? "" }] });
    assert.deepEqual([reply.lost, reply.cancelled], [[], [job.id]]);
  });

  check("a released job is ready and its run doesn't count", async (kit) => {
    const job = await kit.start();
    const release = [{ jobId: job.id, claim: job.lease?.claim ?? "" }];
    await extend(kit, { release });
    const given = await kit.job(job.id);
    assert.deepEqual([given.lease, given.runs], [null, 0]);
    assert.notEqual(given.ready, null);
    await extend(kit, { release });
    assert.equal((await kit.job(job.id)).runs, 0, "a repeat changes nothing");
    assert.equal((await kit.claimOne()).job.runs, 1);
  });

  check("a release by a claim that was lost changes nothing", async (kit) => {
    const job = await kit.start({}, { ms: 1000 });
    kit.advance(1000);
    const { job: taken } = await kit.claimOne();
    await extend(kit, { release: [{ jobId: job.id, claim: job.lease?.claim ?? "" }] });
    assert.deepEqual(await kit.job(job.id), taken);
  });

  check("a step by a claim that was lost isn't committed", async (kit) => {
    const job = await kit.start({}, { ms: 1000 });
    kit.advance(1000);
    await kit.claimOne();
    const reply = await kit.storage.commitStep({ commit: commit(job), lease: null });
    assert.deepEqual(reply, { outcome: "lost", now: kit.now });
  });

  check("a step is committed after its lease ran out, if nobody took the job", async (kit) => {
    const job = await kit.start({}, { ms: 1000 });
    kit.advance(2000);
    assert.equal((await kit.commit(job)).version, 2);
  });
}

function extend(kit: Kit, over: Partial<Parameters<Kit["storage"]["extendLeases"]>[0]>) {
  const none = { jobs: [], confirm: [], release: [], checkMs: 1000, silenceMs: 5000 };
  return kit.storage.extendLeases({ shard: kit.shard, engine: "e1", ms: 5000, ...none, ...over });
}
