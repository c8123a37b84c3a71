// A process that opens a store, leases a job and a task for an hour, says so and waits to be killed.
import { SqliteStorage } from "#storage/sqlite/sqlite-storage";
import { commit, leaseRequest, newJob, singleTask } from "#storage/testkit/builders";

const hour = 3_600_000;
const storage = new SqliteStorage(process.argv[2] as string);
await storage.open();
const jobs = ["a", "b"].map((id) => ({ job: newJob(id), dedup: null }));
const { leased } = await storage.createJobs({ shard: 0, jobs, lease: leaseRequest("c1", { ms: hour }) });
const first = leased.find(({ job }) => job.id === "a");
if (first === undefined) throw new Error("the job was not leased");
await storage.commitStep({ commit: commit(first.job, { join: singleTask(1) }), lease: null });
const poll = { shard: 0, worker: "w1", claim: "t1", lanes: ['["work"]'], limit: 1, capacity: 9 };
await storage.claimTasks({ ...poll, offerMs: hour, lanesSeen: 0 });
process.stdout.write("leased\n");
setInterval(() => undefined, hour);
