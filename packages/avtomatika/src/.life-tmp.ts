// node life.ts [memory|sqlite] [jobs] [inflight]
import { rmSync, mkdirSync } from "node:fs";
import { MemoryStorage } from "/work/main/packages/avtomatika/src/storage/memory/memory-storage.ts";
import { SqliteStorage } from "/work/main/packages/avtomatika/src/storage/sqlite/sqlite-storage.ts";
import { commit, leaseRequest, newJob, singleTask, laneOfType, taskItem, succeeded } from "/work/main/packages/avtomatika/src/storage/testkit/builders.ts";
const [kind = "sqlite", count = "20000", flight = "100", sync = "FULL"] = process.argv.slice(2);
rmSync("/tmp/sq/life", { recursive: true, force: true }); mkdirSync("/tmp/sq/life");
const storage = kind === "memory" ? new MemoryStorage() : new SqliteStorage("/tmp/sq/life/e.db", { synchronous: sync as "FULL" });
await storage.open();
const N = Number(count); let next = 0;
const id = (i: number) => `0190a5d0-0000-7000-8000-${i.toString(16).padStart(9, "0")}000`;
const lane = laneOfType("resize"), item = taskItem();
async function life(i: number) {
  const w = `w${i % 50}`;
  const lease = () => leaseRequest(`c${i}`, { limit: 1 });
  const made = await storage.createJobs({ shard: 0, jobs: [{ job: newJob(id(i)), dedup: null }], lease: leaseRequest(`a${i}`) });
  const job = made.leased[0]!.job;
  await storage.commitStep({ commit: commit(job, { status: "waiting_for_worker", join: singleTask(1, lane, item) }), lease: null });
  let task;
  for (;;) { const got = await storage.claimTasks({ shard: 0, worker: w, claim: `t${i}`, lanes: [lane.id], limit: 1, capacity: 100, offerMs: 10000, lanesSeen: 1 }); task = got.tasks[0]; if (task) break; }
  const settled = await storage.settleTasks({ shard: 0, settlements: [succeeded(task.task)], lease: leaseRequest(`b${i}`) });
  const again = settled.leased[0]!.job;
  await storage.commitStep({ commit: commit(again, { status: "finished", next: "ended", endedAt: Date.now(), due: Date.now() + 1e9, data: { a: 1 }, visit: 2 }), lease: null });
}
async function worker() { while (next < N) await life(next++); }
async function run(n: number) { const until = next + n; await Promise.all(Array.from({ length: Number(flight) }, async () => { while (next < until) await life(next++); })); }
await run(3000);
const th = process.threadCpuUsage(); const cpu = process.cpuUsage(), t = performance.now();
await run(N);
const tu = process.threadCpuUsage(th); const u = process.cpuUsage(cpu), ms = performance.now() - t;
console.log(kind, flight, sync, `${(ms * 1000 / N).toFixed(1)} µs/job wall, main thread ${((tu.user+tu.system)/N).toFixed(1)}, all threads ${((u.user + u.system) / N).toFixed(1)} (user ${(u.user/N).toFixed(1)} sys ${(u.system/N).toFixed(1)})`, JSON.stringify((storage as SqliteStorage).statistics?.()));
await storage.close();
