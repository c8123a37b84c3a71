import assert from "node:assert/strict";
import { decision, laneOfType, newJob, succeeded } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import { awaitTask } from "#storage/testkit/steps";

/** Names, ids and keys are any text. */
export function checkTexts(check: Check): void {
  check("names may hold any text", async (kit) => {
    for (const name of hostile) {
      const job = await kit.start({ blueprint: name, owner: name, state: name });
      const lane = laneOfType(name);
      const waiting = await kit.commit(job, { ...awaitTask(job, lane), id: `commit ${name}`, state: name });
      assert.deepEqual(await kit.job(job.id), waiting);
      assert.deepEqual([waiting.blueprint, waiting.owner, waiting.state], [name, name, name]);
      const task = await kit.takeOne({ worker: name, claim: `poll ${name}`, lanes: [lane.id] });
      assert.deepEqual([task.worker, task.claim, task.lane], [name, `poll ${name}`, lane.id]);
      assert.equal((await kit.poll({ worker: name, limit: 0 })).open, 1);
      await kit.apply(succeeded(task));
      const { job: woken } = await kit.claimOne({ blueprints: [name], claim: `claim ${name}`, engine: name });
      assert.deepEqual([woken.id, woken.lease?.claim, woken.lease?.engine], [job.id, `claim ${name}`, name]);
    }
    const { standings } = await kit.storage.readStandings({ shard: kit.shard });
    assert.deepEqual(standings.map(({ worker }) => worker).sort(), [...hostile].sort());
  });

  check("keys of dedup records and ids of workers may hold any text", async (kit) => {
    const made = new Map<string, string>();
    const create = (key: string) => {
      const job = newJob(kit.id());
      const jobs = [{ job, dedup: { key, fingerprint: key, ttlMs: 1000 } }];
      return kit.storage.createJobs({ shard: kit.shard, jobs, lease: null });
    };
    for (const key of hostile) {
      const { results } = await create(key);
      assert.equal(results[0]?.outcome, "created", `nothing else has the key ${JSON.stringify(key)}`);
      made.set(key, results[0]?.jobId ?? "");
    }
    for (const key of hostile) {
      assert.deepEqual((await create(key)).results, [{ outcome: "existing", jobId: made.get(key) }]);
    }
    const workers = hostile.map((id) => ({ id, record: { id }, seenAt: kit.now, expiresAt: kit.now + 1 }));
    await kit.storage.putWorkers({ workers });
    const listed = (await kit.storage.listWorkers({ since: 0 })).workers;
    assert.deepEqual(listed.map(({ id }) => id).sort(), [...hostile].sort());
    assert.equal(
      listed.every(({ id, record }) => record?.["id"] === id),
      true,
    );
  });

  check("strange job ids are unknown, not an error", async (kit) => {
    for (const jobId of hostile) {
      assert.equal((await kit.storage.getJob({ jobId })).found, null);
      assert.equal((await kit.storage.getTask({ address: { jobId, wait: 1, index: 0, attempt: 1 } })).found, null);
      assert.equal((await kit.storage.cancelJob({ jobId, id: "x", lease: null })).outcome, "unknown");
      const reply = await kit.storage.deliver({ jobId, event: decision("d", 1), lease: null });
      assert.equal(reply.outcome, "unknown");
    }
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });
}

const hostile = [
  "__proto__",
  "constructor",
  "",
  "a\u0000b",
  "a",
  "A",
  "😀é\u202e",
  "e\u0301",
  "\u00e9",
  "x".repeat(4000),
  "a:b_c|d=e*f",
  "'; DROP TABLE job; --",
  '{"$type":"x"}',
  "{tag}:%2F\n\r\t\\",
  "1",
  "null",
];
