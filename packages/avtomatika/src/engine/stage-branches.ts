import type { StepCommit } from "#core/step-commit";
import { LongWork } from "#engine/long-work";
import { forever, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Storage } from "#storage/storage";

/** More branches than this travel before the commit, so that no call holds the store for long. */
const chunkSize = 500;

/** Stages the branches of a large fan-out; false if the lease is gone. The commit then only names how many there are. */
export async function stageBranches(
  commit: StepCommit,
  { storage, caller, world }: { storage: Storage; caller: StoreCaller; world: World },
): Promise<boolean> {
  const { join } = commit;
  if (join === null || join.total <= chunkSize) return true;
  const work = new LongWork(world);
  for (const [group, { items }] of join.groups.entries()) {
    for (let start = 0; items !== null && start < items.length; start += chunkSize) {
      const chunk = { wait: join.wait, group, start, items: items.slice(start, start + chunkSize) };
      const { jobId, claim } = commit;
      const reply = await caller.call(() => storage.stage({ jobId, claim, items: chunk, once: null }), forever);
      if (reply.outcome === "lost") return false;
      await work.pause();
    }
  }
  for (const group of join.groups) group.items = null;
  return true;
}
