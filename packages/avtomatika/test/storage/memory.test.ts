import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { jobIdIn } from "#core/job-id";
import { MemoryStorage } from "#storage/memory/memory-storage";
import { newJob } from "#storage/testkit/builders";
import { dumpMemory } from "#storage/testkit/dump";
import { testStorage } from "#storage/testkit/test-storage";

for (const shards of [1, 3]) {
  testStorage({
    name: `memory with ${shards} shard(s)`,
    open: async ({ clock }) => {
      const storage = new MemoryStorage({ clock, shards });
      await storage.open();
      return storage;
    },
    dump: dumpMemory,
    describe,
    test,
  });
}

describe("memory", () => {
  test("a call that touches two shards is a bug, and says so", async () => {
    const storage = new MemoryStorage({ shards: 3 });
    await storage.open();
    const id = jobIdIn("00000001-0000-7000-8000-000000000000", 2);
    const call = storage.createJobs({ shard: 1, jobs: [{ job: newJob(id), dedup: null }], lease: null });
    await assert.rejects(call, /a call on shard 1 touched .* of shard 2/);
  });
});
