import assert from "node:assert/strict";
import type { JobRecord } from "#core/job";
import type { StepCommit } from "#core/step-commit";
import { commit, newInitial, newJob } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitChild, end } from "#storage/testkit/steps";

/** Children: created with the parent's wait, which their end closes once. */
export function checkChildren(check: Check): void {
  check("a child is created in the commit that makes its parent wait", async (kit) => {
    const parent = await kit.start();
    const initial = newInitial({ data: { from: "parent" }, unchecked: true });
    const child = newJob(kit.id(), { blueprint: "small", owner: "bob", priority: 9, initial });
    const waiting = await kit.commit(parent, awaitChild(parent, child));
    assert.deepEqual([waiting.status, waiting.wait], ["waiting_for_sub_job", 1]);
    const { job, initial: stored, data } = await kit.details(child.id);
    assert.deepEqual([job.status, job.parentId, job.owner, job.priority], ["pending", parent.id, "bob", 9]);
    assert.deepEqual([stored, data], [{ ...initial, parentWait: 1 }, {}]);
    assert.equal((await kit.claimOne({ blueprints: ["small"] })).job.id, child.id);
  });

  check("a step that isn't committed creates no child", async (kit) => {
    const parent = await kit.start();
    await kit.storage.cancelJob({ jobId: parent.id, id: "x", lease: null });
    const child = newJob(kit.id());
    const step = commit(parent, awaitChild(parent, child));
    assert.equal((await kit.storage.commitStep({ commit: step, lease: kit.lease() })).outcome, "superseded");
    assert.equal((await kit.storage.getJob({ jobId: child.id })).found, null);
  });

  check("a child may be leased by the commit that creates it", async (kit) => {
    const parent = await kit.start();
    const child = newJob(kit.id());
    const lease = kit.lease();
    const { leased } = await kit.commitLeasing(parent, lease, awaitChild(parent, child));
    assert.deepEqual(
      leased.map(({ job }) => [job.id, job.lease?.claim, job.status]),
      [[child.id, lease.claim, "running"]],
    );
  });

  check("a child of an unknown blueprint is left pending", async (kit) => {
    const parent = await kit.start();
    const child = newJob(kit.id(), { blueprint: "strange" });
    const { leased } = await kit.commitLeasing(parent, kit.lease(), awaitChild(parent, child));
    assert.deepEqual(leased, []);
    assert.equal((await kit.job(child.id)).status, "pending");
  });

  check("a child's end closes its parent's wait", async (kit) => {
    const { parent, child } = await family(kit);
    kit.advance(10);
    const notify = tell(child, parent);
    const ended = await kit.commit(child, { ...end(kit.now), notify });
    assert.equal(ended.status, "finished");
    const { job } = await kit.claimOne();
    assert.deepEqual([job.id, job.event, job.closedBy, job.wait], [parent.id, notify.event, notify.event.id, null]);
    assert.equal(job.status, "running");
  });

  check("a child's end may lease its parent at once", async (kit) => {
    const { parent, child } = await family(kit);
    const { leased } = await kit.commitLeasing(child, kit.lease(), { ...end(kit.now), notify: tell(child, parent) });
    assert.deepEqual(
      leased.map(({ job }) => job.id),
      [parent.id],
    );
    assert.equal(leased[0]?.job.event?.kind, "child");
  });

  check("a parent is resumed once", async (kit) => {
    const { parent, child } = await family(kit);
    await kit.commit(child, { ...end(kit.now), notify: tell(child, parent) });
    const { job } = await kit.claimOne();
    const waiting = await kit.commit(job, awaitChild(job, newJob(kit.id(), { blueprint: "other" })));
    const stranger = await kit.start({ blueprint: "small" });
    await kit.commit(stranger, { ...end(kit.now), notify: tell(child, parent) });
    assert.deepEqual(await kit.job(parent.id), waiting, "a message for the last wait changes nothing");
  });

  check("a child's end doesn't wake a parent that was cancelled", async (kit) => {
    const { parent, child } = await family(kit);
    await kit.storage.cancelJob({ jobId: parent.id, id: "x", lease: null });
    const marked = await kit.job(parent.id);
    await kit.commit(child, { ...end(kit.now), notify: tell(child, parent) });
    assert.deepEqual(await kit.job(parent.id), marked);
  });

  check("a child whose parent is gone just ends", async (kit) => {
    const { parent, child } = await family(kit);
    const notify = { ...tell(child, parent), jobId: kit.id() };
    assert.equal((await kit.commit(child, { ...end(kit.now), notify })).status, "finished");
    await kit.storage.cancelJob({ jobId: parent.id, id: "x", lease: null });
  });

  check("a parent's end cancels its children", async (kit) => {
    const parent = await kit.start();
    const child = newJob(kit.id(), { blueprint: "small" });
    await kit.commit(parent, awaitChild(parent, child));
    await kit.storage.cancelJob({ jobId: parent.id, id: "x", lease: null });
    const { job } = await kit.claimOne({ blueprints: [] });
    const unknown = kit.id();
    await kit.commit(job, { ...end(kit.now, null, "cancelled"), id: "end", cancelJobs: [child.id, unknown] });
    const cancelled = await kit.claimOne({ blueprints: [] });
    assert.deepEqual([cancelled.job.id, cancelled.job.cancel], [child.id, { id: "end", at: kit.now }]);
  });

  check("a cancelled child may be leased by its parent's commit", async (kit) => {
    const parent = await kit.start();
    const child = newJob(kit.id(), { blueprint: "small" });
    const waiting = await kit.commit(parent, awaitChild(parent, child));
    await kit.storage.cancelJob({ jobId: parent.id, id: "x", lease: null });
    const { job } = await kit.claimOne({ blueprints: [] });
    assert.equal(job.id, waiting.id);
    const { leased } = await kit.commitLeasing(job, kit.lease({ blueprints: [] }), {
      ...{ ...end(kit.now, null, "cancelled"), cancelJobs: [child.id] },
    });
    const held = leased.length === 1 ? leased[0]?.job : (await kit.claimOne({ blueprints: [] })).job;
    assert.equal(held?.id, child.id);
  });

  check("a child that ended isn't cancelled", async (kit) => {
    const { parent, child } = await family(kit);
    const ended = await kit.commit(child, { ...end(kit.now), notify: tell(child, parent) });
    const { job } = await kit.claimOne();
    await kit.commit(job, { ...end(kit.now, null, "failed"), cancelJobs: [child.id] });
    assert.deepEqual(await kit.job(child.id), ended);
  });

  check("a child that is running hears of its cancel", async (kit) => {
    const { parent, child } = await family(kit);
    await kit.storage.cancelJob({ jobId: parent.id, id: "x", lease: null });
    const { job } = await kit.claimOne({ blueprints: [] });
    await kit.commit(job, { ...end(kit.now, null, "cancelled"), cancelJobs: [child.id] });
    const jobs = [{ jobId: child.id, claim: child.lease?.claim ?? "" }];
    const none = { confirm: [], release: [], checkMs: 1, silenceMs: 5000 };
    const reply = await kit.storage.extendLeases({ shard: kit.shard, engine: "e1", ms: 60_000, jobs, ...none });
    assert.deepEqual([reply.lost, reply.cancelled], [[], [child.id]]);
  });
}

/** A parent that waits for its child, which runs. */
async function family(kit: Kit): Promise<{ parent: JobRecord; child: JobRecord }> {
  const started = await kit.start();
  const child = newJob(kit.id(), { blueprint: "small" });
  const parent = await kit.commit(started, awaitChild(started, child));
  return { parent, child: (await kit.claimOne({ blueprints: ["small"] })).job };
}

function tell(child: JobRecord, parent: JobRecord) {
  const outcome = { outcome: "success", finalState: "start", result: { n: 1 }, errorMessage: null } as const;
  const event = {
    id: `child:${child.id}`,
    wait: parent.wait as number,
    kind: "child",
    end: { jobId: child.id, ...outcome },
  };
  return { jobId: parent.id, event } as StepCommit["notify"] & { event: { id: string } };
}
