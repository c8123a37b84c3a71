import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { MemoryStorage } from "#storage/memory/memory-storage";
import type { Storage } from "#storage/storage";
import { testStorage } from "#storage/testkit/test-storage";

/** The suite's checks, run by hand instead of by a test framework. */
function collect(open: () => Promise<MemoryStorage>, skip: { reason: string; tests: string[] }[] = []) {
  const checks = new Map<string, () => Promise<void>>();
  const add = (title: string, body: () => Promise<void>) => void checks.set(title, body);
  testStorage<Storage>({ name: "m", open, skip, describe: (_, body) => body(), test: add });
  return checks;
}
const open = () => Promise.resolve(new MemoryStorage({ clock: () => 1_700_000_000_123 }));

describe("testStorage", () => {
  test("what is skipped isn't run", () => {
    const all = collect(open);
    const title = "a repeated creation changes nothing";
    const fewer = collect(open, [{ reason: "because", tests: [title] }]);
    assert.deepEqual(
      [fewer.size, fewer.has(`create: ${title}`), all.has(`create: ${title}`)],
      [all.size - 1, false, true],
    );
  });

  test("an unknown name in skip is an error", () => {
    assert.throws(() => collect(open, [{ reason: "because", tests: ["nonsense"] }]), /no check is called "nonsense"/);
  });

  test("a store that forgets its fences fails", async () => {
    class Careless extends MemoryStorage {
      override commitStep(input: Parameters<MemoryStorage["commitStep"]>[0]) {
        return super.getJob({ jobId: input.commit.jobId }).then(({ found, now }) => {
          const claim = found?.job.lease?.claim ?? input.commit.claim;
          const version = found?.job.version ?? input.commit.version;
          assert.ok(now);
          return super.commitStep({ ...input, commit: { ...input.commit, claim, version } });
        });
      }
    }
    const checks = collect(() => Promise.resolve(new Careless({ clock: () => 1_700_000_000_123 })));
    const check = checks.get("commit: a commit from another version is lost");
    await assert.rejects(async () => await check?.());
  });

  test("the store is closed after a check, also after one that fails", async () => {
    const closed: string[] = [];
    class Watched extends MemoryStorage {
      override close() {
        closed.push("closed");
        return super.close();
      }
      override getJob(): never {
        throw new Error("out of order");
      }
    }
    const checks = collect(() => Promise.resolve(new Watched()));
    await assert.rejects(async () => await checks.get("create: a job that isn't there is found as null")?.());
    await checks
      .get("create: an empty batch is no error")?.()
      .catch(() => {});
    assert.deepEqual(closed, ["closed", "closed"]);
  });
});
