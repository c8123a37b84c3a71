// Fills a Redis store with jobs that wait for something that doesn't come: as any engine would have stored them.
import type { JobRecord } from "avtomatika/internal/core/job";
import { laneOfType, newInitial, newJob, taskItem } from "avtomatika/internal/storage/testkit/builders";
import { Kit } from "avtomatika/internal/storage/testkit/kit";
import { awaitDecision, awaitTask, sleep } from "avtomatika/internal/storage/testkit/steps";
import { RedisStorage } from "avtomatika/redis";

export interface Waiting {
  jobs: number;
  /** Those that wait for a task are spread over so many sets of requirements, which no worker fulfils. */
  requirementSets: number;
}

const perCall = 100;
const streams = 3;
const data = { payload: "x".repeat(186) };
const hourMs = 3_600_000;

/** A half waits for tasks that nobody takes, a quarter for timers of later today, a quarter for approvals. */
export async function fillWaiting(url: string, { jobs, requirementSets }: Waiting): Promise<void> {
  const storage = new RedisStorage(url, { warn: () => {} });
  await storage.open();
  const kit = new Kit(storage, Date.now());
  let made = 0;
  const stream = async (): Promise<void> => {
    while (made < jobs) {
      const start = made;
      made += perCall;
      await fill(kit, start, Math.min(perCall, jobs - start), requirementSets);
    }
  };
  await Promise.all(Array.from({ length: streams }, stream));
  const { counts } = await storage.countJobs({ shard: 0, owner: null });
  const waiting = (counts.waiting_for_worker ?? 0) + (counts.sleeping ?? 0) + (counts.waiting_for_human ?? 0);
  if (waiting !== jobs) throw new Error(`${waiting} of ${jobs} jobs wait`);
  await storage.close();
}

async function fill(kit: Kit, start: number, count: number, sets: number): Promise<void> {
  const jobs = Array.from({ length: count }, () => ({
    job: newJob(kit.id(), { blueprint: "waiting", initial: newInitial({ data }) }),
    dedup: null,
  }));
  const lease = kit.lease({ blueprints: ["waiting"], limit: count });
  const { leased } = await kit.storage.createJobs({ shard: 0, jobs, lease });
  await Promise.all(leased.map(({ job }, at) => kit.commit(job, waitOf(job, start + at, sets))));
}

function waitOf(job: JobRecord, n: number, sets: number) {
  if (n % 4 === 0) return sleep(job, Date.now() + hourMs * (1 + (n % 100)));
  if (n % 4 === 2) return awaitDecision(job);
  const lane = laneOfType("work", { requirements: { level: 1_000_000 + (((n - 1) / 2) % sets) } });
  return awaitTask(job, lane, taskItem({ params: data }));
}
