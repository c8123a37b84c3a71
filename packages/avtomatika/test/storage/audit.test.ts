import assert from "node:assert/strict";
import { beforeAll, describe, test } from "vitest";
import type { JobRecord } from "#core/job";
import type { TaskRecord } from "#core/task";
import { MemoryStorage } from "#storage/memory/memory-storage";
import { audit } from "#storage/testkit/audit";
import { newJob, retried, succeeded, taskEnd } from "#storage/testkit/builders";
import { dumpMemory, type StoreDump } from "#storage/testkit/dump";
import { Kit } from "#storage/testkit/kit";
import * as step from "#storage/testkit/steps";

type Shard = StoreDump["shards"][number];

/** One job of each kind, by name, and a store in order. */
let good: StoreDump;
const ids = new Map<string, string>();

beforeAll(async () => {
  const storage = new MemoryStorage({ clock: () => kit.now, shards: 2 });
  const kit = new Kit(storage, 1_700_000_000_123);
  const start = async (name: string) => {
    const job = await kit.start({ blueprint: name });
    ids.set(name, job.id);
    return job;
  };
  const wait = async (name: string, change: (job: JobRecord) => object) => {
    const job = await start(name);
    return kit.commit(job, change(job));
  };
  ids.set("pending", await kit.create({ blueprint: "pending" }));
  await start("running");
  await wait("sleeping", (job) => step.sleep(job, kit.now + 1000));
  await wait("human", (job) => step.awaitDecision(job, kit.now + 1000));
  await wait("delayed", (job) => step.awaitTask(job));
  await kit.apply(retried(await kit.takeOne(), kit.now + 1000));
  await wait("leased", (job) => step.awaitTask(job));
  await kit.takeOne();
  await wait("cancelled", (job) => step.awaitBranches(job, [{ count: 3 }]));
  await kit.takeOne();
  await kit.storage.cancelJob({ jobId: idOf("cancelled"), id: "x", lease: null });
  await wait("branches", (job) => step.awaitBranches(job, [{ count: 5 }], "settled"));
  await kit.apply(succeeded(await kit.takeOne()));
  await kit.takeOne();
  await wait("queued", (job) => step.awaitTask(job));
  await wait("overdue", (job) => step.awaitBranches(job, [{ count: 1, dispatchTimeoutMs: 0 }]));
  await kit.claim({ blueprints: [] });
  const parent = await start("parent");
  const child = newJob(kit.id(), { blueprint: "child" });
  ids.set("child", child.id);
  await kit.commit(parent, step.awaitChild(parent, child));
  await wait("finished", (job) => ({ ...step.end(kit.now), head: job.head }));
  await wait("quarantined", (job) => step.quarantine(job, kit.now));
  await charge(kit, [...idsOfCharges, "refused"]);
  await kit.storage.refundQuota({ shard: kit.shard, jobIds: ["refunded"] });
  const limit = { perSecond: 1, burst: 5 };
  await kit.storage.takeTokens({ shard: kit.shard, key: "k", limit, want: 2, lifeMs: 1000 });
  good = structuredClone(dumpMemory(storage));
});

const idsOfCharges = ["charged", "refunded"];

function charge(kit: Kit, jobIds: string[]) {
  const period = { id: "m", from: 0, to: Number.MAX_SAFE_INTEGER };
  return kit.storage.chargeQuota({ shard: kit.shard, owner: "o", period, limit: 2, jobIds });
}

function idOf(name: string): string {
  const id = ids.get(name);
  assert.ok(id, `there is a job ${name}`);
  return id;
}

describe("audit", () => {
  test("a store in order has no problems", () => {
    assert.deepEqual(audit(good), []);
    assert.deepEqual(audit({ shards: [] }), []);
  });

  test("a purge that takes a job's rows in several calls leaves none of them out of order", async () => {
    const storage = new MemoryStorage({ clock: () => kit.now, shards: 1 });
    const kit = new Kit(storage, 1_700_000_000_123);
    const job = await kit.start();
    await kit.commit(job, step.awaitBranches(job, [{ count: 4 }]));
    for (const taken of await kit.take(4)) await kit.apply(succeeded(taken));
    const { job: woken } = await kit.claimOne();
    await kit.commit(woken, step.end(kit.now, kit.now));
    let calls = 0;
    for (let more = true; more; calls++) {
      more = (await storage.purge({ shard: 0, limit: 1 })).more;
      assert.deepEqual(audit(dumpMemory(storage)), []);
    }
    assert.ok(calls > 4, `${calls} calls`);
  });

  // Each line breaks one thing of one job; the message must name the job and say what it is.
  const job = (name: string, change: (job: JobRecord) => void) => ({
    name,
    change: (shard: Shard) => change(shard.jobs.find(({ id }) => id === idOf(name)) ?? assert.fail()),
  });
  const task = (name: string, change: (task: TaskRecord) => void) => ({
    name,
    change: (shard: Shard) => change(shard.tasks.find(({ jobId }) => jobId === idOf(name)) ?? assert.fail()),
  });
  const shard = (name: string, change: (shard: Shard, id: string) => void) => ({
    name,
    change: (rows: Shard) => change(rows, idOf(name)),
  });
  const lease = { engine: "e", claim: "c", until: 1 };
  const broken: [string, { name: string; change(shard: Shard): void }][] = [
    ["has 0 owners: nobody", job("pending", (it) => (it.ready = null))],
    ["has 2 owners: queue, lease", job("pending", (it) => Object.assign(it, { lease, runs: 1 }))],
    ["has 2 owners: lease, wait 1", job("sleeping", (it) => Object.assign(it, { lease, runs: 1 }))],
    ["is leased, but no run is counted", job("running", (it) => (it.runs = 0))],
    ["has the status finished, but endedAt null", job("running", (it) => (it.status = "finished"))],
    ["has the status running, but endedAt 5", job("running", (it) => (it.endedAt = 5))],
    ["doesn't wait, but its status is sleeping", job("running", (it) => (it.status = "sleeping"))],
    ["waits although a message is unread", job("sleeping", (it) => (it.event = { id: "a", wait: 1, kind: "due" }))],
    ["is cancelled, but waits", job("sleeping", (it) => (it.cancel = { id: "a", at: 1 }))],
    ["is ready, but has a timer", job("pending", (it) => (it.due = 5))],
    ["waits (1) without a reason", job("sleeping", (it) => (it.head.waiting = null))],
    ["waits with 1, but its last wait is 7", job("sleeping", (it) => (it.head.waits = 7))],
    ["waits with kind timer, but has no timer", job("sleeping", (it) => (it.due = null))],
    ["waits with kind timer, but its status is running", job("sleeping", (it) => (it.status = "running"))],
    ["waits for a person until a time, but has no timer", job("human", (it) => (it.due = null))],
    [
      "waits for a person, but nobody has a token",
      job("human", (it) => Object.assign(it.head.waiting ?? {}, { token: "" })),
    ],
    [
      "waits for an operator, but isn't quarantined",
      job("sleeping", (it) => Object.assign(it.head.waiting ?? {}, { kind: "operator" })),
    ],
    ["is there twice", shard("pending", (rows, id) => rows.jobs.push(...rows.jobs.filter((it) => it.id === id)))],
    // Ends.
    ["has ended, but is owned: queue", job("finished", (it) => (it.ready = 5))],
    [
      "has ended, but may run without an operator's word",
      job("finished", (it) => Object.assign(it, { lease, runs: 1 })),
    ],
    ["has ended, but waits with kind undefined", job("finished", (it) => (it.wait = 1))],
    ["is quarantined and has 0 owners: nobody", job("quarantined", (it) => (it.wait = null))],
    // Joins and what is in them.
    [
      "waits for the join 1, which isn't there",
      shard("leased", (rows, id) => remove(rows.joins, (it) => it.jobId === id)),
    ],
    ["waits for the join 1, which is closed", shard("leased", (rows, id) => (joinOf(rows, id).state = "closed"))],
    [
      "waits with kind worker for a join of the other kind",
      shard("leased", (rows, id) => (joinOf(rows, id).single = false)),
    ],
    ["doesn't wait for its open join 1", shard("cancelled", (rows, id) => (joinOf(rows, id).state = "open"))],
    [
      "has 0 open and 0 settled branches in the join 1 of 1",
      shard("leased", (rows, id) => remove(rows.tasks, (it) => it.jobId === id)),
    ],
    [
      "has 4 open and 0 settled branches in the join 1 of 5",
      shard("branches", (rows, id) => (joinOf(rows, id).ok = 0)),
    ],
    ["has 1 results in the join 1, which counts 0", shard("branches", (rows, id) => (joinOf(rows, id).ok = 0))],
    [
      "has 4 open and 2 settled branches in the join 1 of 5",
      shard("branches", (rows, id) => (joinOf(rows, id).failed = 1)),
    ],
    ["has the join 1 decided, but it hasn't fired", shard("branches", (rows, id) => (joinOf(rows, id).need = 1))],
    ["has the join 1 fired undecided", shard("cancelled", (rows, id) => (joinOf(rows, id).state = "fired"))],
    ["has the join 1 twice", shard("branches", (rows, id) => rows.joins.push(joinOf(rows, id)))],
    ["is gone, but not its join 1", shard("leased", (rows, id) => remove(rows.jobs, (it) => it.id === id))],
    [
      "has two results of 1/0",
      shard("branches", (rows, id) => rows.results.push(...rows.results.filter((it) => it.jobId === id))),
    ],
    [
      "has a result of 1/1, whose task is still there",
      shard("branches", (rows, jobId) => {
        rows.results.push({
          jobId,
          wait: 1,
          index: 1,
          end: taskEnd({ jobId, wait: 1, index: 1, attempt: 1 }),
          past: [],
        });
      }),
    ],
    [
      "has a result of 9/0 without a join",
      shard("finished", (rows, jobId) => {
        rows.results.push({
          jobId,
          wait: 9,
          index: 0,
          end: taskEnd({ jobId, wait: 9, index: 0, attempt: 1 }),
          past: [],
        });
      }),
    ],
    // Tasks.
    ["has the task 1/0 without a join", shard("cancelled", (rows, id) => remove(rows.joins, (it) => it.jobId === id))],
    ["has the task 3/0 without a join", task("leased", (it) => (it.wait = 3))],
    ["has the task 1/9 outside of its join", task("leased", (it) => (it.index = 9))],
    ["has the task 1/0 leased in a join that is closed", task("cancelled", (it) => (it.state = "leased"))],
    ["has the task 1/0 revoked in a join that is open", task("leased", (it) => (it.state = "revoked"))],
    ["has the task 1/0 offered, but nobody holds it", task("leased", (it) => (it.worker = null))],
    ["has the task 1/0 delayed, but still claimed", task("delayed", (it) => (it.claim = "c"))],
    ["has the task 1/0 delayed, and no engine will look at it", task("delayed", (it) => (it.due = null))],
    ["has the task 1/0 offered, and no engine will look at it", task("leased", (it) => (it.due = null))],
    [
      "has the status waiting_for_worker, but its task says awaiting_retry",
      job("delayed", (it) => (it.status = "waiting_for_worker")),
    ],
    [
      "has the status awaiting_retry, but its task says waiting_for_worker",
      job("leased", (it) => (it.status = "awaiting_retry")),
    ],
    [
      "has the task 1/0 twice",
      shard("leased", (rows, id) => rows.tasks.push(...rows.tasks.filter((it) => it.jobId === id))),
    ],
    // Lanes.
    [
      "has the task 1/0 queued, but it stands in no lane",
      shard("queued", (rows, id) => remove(rows.entries, (it) => it.jobId === id)),
    ],
    ["has the task 1/0 queued, but it stands in no lane", task("overdue", (it) => (it.due = null))],
    ["has the task 1/0 in the wrong place of a lane", task("queued", (it) => (it.score += 1))],
    [
      "has the task 1/0 delayed, but it stands in a lane",
      task("queued", (it) => Object.assign(it, { state: "delayed", due: 1 })),
    ],
    [
      "stands in a lane as 1/0, which isn't there",
      shard("queued", (rows, id) => remove(rows.tasks, (it) => it.jobId === id)),
    ],
    [
      "stands in a lane twice, as 1/0",
      shard("queued", (rows, id) => rows.entries.push(...rows.entries.filter((it) => it.jobId === id))),
    ],
    [
      "has 1/range 0, but it stands in no lane",
      shard("branches", (rows, id) => remove(rows.entries, (it) => it.jobId === id)),
    ],
    ["has 1/range 0 in the wrong place of a lane", shard("branches", (rows, id) => (rangeOf(rows, id).lane = "other"))],
    ["has 1/range 0 with nothing left in it", shard("branches", (rows, id) => (rangeOf(rows, id).next = 5))],
    ["has 1/range 0 twice", shard("branches", (rows, id) => rows.ranges.push(rangeOf(rows, id)))],
    ["has 1/range 0 without a join", shard("branches", (rows, id) => remove(rows.joins, (it) => it.jobId === id))],
    ["has 1/range 0 in a join that is closed", shard("branches", (rows, id) => (joinOf(rows, id).state = "closed"))],
    [
      "stands in a lane as 1/range 0, which isn't there",
      shard("branches", (rows, id) => remove(rows.ranges, (it) => it.jobId === id)),
    ],
    // Families.
    [
      "waits for the child nobody, which isn't there",
      job("parent", (it) => Object.assign(it.head.waiting ?? {}, { jobId: "nobody" })),
    ],
    [
      "waits for the child <child>, which has told it already",
      shard("parent", (rows) => (jobOf(rows, "child").head.parentTold = true)),
    ],
    [
      "waits for the child <child>, which has ended",
      shard("parent", (rows) => {
        Object.assign(jobOf(rows, "child"), { endedAt: 5, status: "finished", ready: null });
      }),
    ],
    [
      "lives on without its parent <parent>",
      shard("child", (rows) => remove(rows.jobs, (it) => it.id === idOf("parent"))),
    ],
    [
      "lives on after the end of its parent <parent>",
      shard("child", (rows) => {
        Object.assign(jobOf(rows, "parent"), { endedAt: 5, status: "failed", wait: null });
      }),
    ],
    [
      "has a parent that doesn't wait for it: <parent>",
      shard("child", (rows) => {
        Object.assign(jobOf(rows, "parent"), { status: "running", wait: null, ready: 5 });
      }),
    ],
  ];
  for (const [message, { name, change }] of broken) {
    test(`${name}: ${message}`, () => {
      const dump = structuredClone(good);
      change(dump.shards[1] as Shard);
      const said = message.replace(/<(\w+)>/g, (_, other: string) => idOf(other));
      const problems = audit(dump);
      assert.ok(problems.includes(`job ${idOf(name)} ${said}`), problems.join("\n"));
    });
  }

  test("a job in the wrong shard is found", () => {
    const dump = structuredClone(good);
    dump.shards.reverse();
    assert.ok(audit(dump).includes(`job ${idOf("pending")} lies in shard 0, which isn't its own`));
  });

  test("a child of a cancelled parent, and one that has told its parent, may live on", () => {
    const dump = structuredClone(good);
    const rows = dump.shards[1] as Shard;
    Object.assign(jobOf(rows, "parent"), { status: "running", wait: null, ready: 5, cancel: { id: "x", at: 1 } });
    assert.deepEqual(audit(dump), []);
    Object.assign(jobOf(rows, "parent"), { cancel: null });
    jobOf(rows, "child").head.parentTold = true;
    assert.deepEqual(audit(dump), []);
  });

  test.each<[string, (rows: Shard) => void]>([
    ['quota ["o","m"] counts 0, but 1 are charged', ({ quotas }) => Object.assign(quotas[0] ?? {}, { used: 0 })],
    ['quota ["o","m"] counts undefined, but 1 are charged', ({ quotas }) => quotas.pop()],
    [
      'quota ["o","m"] counts -1',
      (rows) => {
        rows.charges.splice(0);
        Object.assign(rows.quotas[0] ?? {}, { used: -1 });
      },
    ],
    [
      "is there, but its charge was refused",
      (rows) => {
        Object.assign(rows.charges.find(({ state }) => state === "refused") ?? {}, { jobId: idOf("running") });
      },
    ],
    [
      "is there, but its charge was refunded",
      (rows) => {
        Object.assign(rows.charges.find(({ state }) => state === "refunded") ?? {}, { jobId: idOf("running") });
      },
    ],
    ['bucket k is {"level":-1', ({ buckets }) => Object.assign(buckets[0]?.bucket ?? {}, { level: -1 })],
    ['bucket k is {"level":0', ({ buckets }) => Object.assign(buckets[0]?.bucket.portions[0] ?? {}, { tokens: 0 })],
  ])("of counters: %s", (problem, change) => {
    const dump = structuredClone(good);
    change(dump.shards[1] as Shard);
    assert.deepEqual(
      audit(dump).filter((one) => !one.includes(problem)),
      [],
    );
    assert.equal(audit(dump).length, 1);
  });

  test("what an operator said is carried out although the job has ended", () => {
    const dump = structuredClone(good);
    const event = { id: "r", wait: 1, kind: "requeue", state: null, patch: undefined } as const;
    Object.assign(jobOf(dump.shards[1] as Shard, "quarantined"), { wait: null, ready: 5, event });
    assert.deepEqual(audit(dump), []);
  });
});

function jobOf(rows: Shard, name: string): JobRecord {
  return rows.jobs.find(({ id }) => id === idOf(name)) ?? assert.fail();
}

function joinOf(rows: Shard, jobId: string) {
  return rows.joins.find((join) => join.jobId === jobId) ?? assert.fail();
}

function rangeOf(rows: Shard, jobId: string) {
  return rows.ranges.find((range) => range.jobId === jobId) ?? assert.fail();
}

function remove<T>(rows: T[], matches: (row: T) => boolean): void {
  for (let at = rows.length - 1; at >= 0; at--) if (matches(rows[at] as T)) rows.splice(at, 1);
}
