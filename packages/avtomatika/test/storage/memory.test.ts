import assert from "node:assert/strict";
import { test } from "vitest";
import { jobIdIn } from "#core/job-id";
import { MemoryStorage } from "#storage/memory/memory-storage";
import { newJob } from "#storage/testkit/builders";

test("a call that touches two shards is a bug, and says so", async () => {
  const storage = new MemoryStorage({ shards: 3 });
  await storage.open();
  const id = jobIdIn("00000001-0000-7000-8000-000000000000", 2);
  const call = storage.createJobs({ shard: 1, jobs: [{ job: newJob(id), dedup: null }], lease: null });
  await assert.rejects(call, /a call on shard 1 touched .* of shard 2/);
});
