import { jobStatuses } from "#core/status";
import type { Storage } from "#storage/storage";
import { addressOf, taskItems } from "#storage/testkit/builders";
import type { World } from "./differential-world.ts";

/** One call of the port, with its arguments. */
export type PortCall = { [Name in CallName]: { name: Name; input: Parameters<Storage[Name]>[0] } }[CallName];
type CallName = Exclude<keyof Storage, "shards" | "name" | "open" | "close" | "listen">;

const shard = 0;

/** Reads and writes, the usual ones more often. */
export const makers: ((world: World) => PortCall)[] = [
  create,
  create,
  claim,
  claim,
  (world) => {
    const job = world.leasedJob();
    return job === null ? create(world) : world.commitOf(job);
  },
  (world) => {
    const job = world.leasedJob();
    return job === null ? claim(world) : world.commitOf(job);
  },
  (world) => {
    const job = world.leasedJob();
    return job === null ? poll(world) : world.commitOf(job);
  },
  poll,
  poll,
  poll,
  settle,
  settle,
  settle,
  (world) => {
    const [task, job] = [world.task(), world.leasedJob()];
    const named = job === null ? [] : [{ jobId: job.id, claim: job.lease?.claim ?? "" }];
    const confirm = task === null ? [] : [{ address: addressOf(task), claim: task.claim ?? "" }];
    const [jobs, release] = world.flip() ? [named, []] : [[], named];
    const times = { ms: 20_000, checkMs: 5000, silenceMs: 4000 };
    return { name: "extendLeases", input: { shard, engine: "e1", jobs, confirm, release, ...times } };
  },
  (world) => ({ name: "deliver", input: { ...world.message(), lease: world.lease() } }),
  (world) => {
    if (world.int(4) > 0) return claim(world);
    return { name: "cancelJob", input: { jobId: world.jobId(), id: world.text(), lease: world.lease() } };
  },
  (world) => {
    const task = world.task();
    if (task === null) return poll(world);
    const entry = { address: addressOf(task), worker: world.worker(), value: world.int(100), message: null };
    return { name: "putProgress", input: { shard, entries: [entry] } };
  },
  (world) => {
    const job = world.leasedJob();
    if (job === null) return create(world);
    const once = { visit: 1, name: world.pick(["a", "b"]), value: world.int(9) };
    const items = world.flip() ? null : { wait: 99, group: 0, start: 0, items: taskItems(2) };
    return { name: "stage", input: { jobId: job.id, claim: job.lease?.claim ?? "", items, once } };
  },
  (world) => ({ name: "readOnce", input: { jobId: world.jobId(), visit: 1 } }),
  (world) => ({
    name: "readResults",
    input: { jobId: world.jobId(), wait: 1, from: world.int(3), limit: 1 + world.int(5) },
  }),
  (world) => ({ name: "getJob", input: { jobId: world.jobId(), watch: world.flip() } }),
  list,
  list,
  (world) => ({ name: "countJobs", input: { shard, owner: world.pick([null, "alice", "bob", "nobody"]) } }),
  (world) => {
    const address = { jobId: world.jobId(), wait: 1 + world.int(2), index: world.int(3), attempt: 1 };
    return { name: "getTask", input: { address } };
  },
  () => ({ name: "listRevoked", input: { shard } }),
  (world) => ({ name: "releaseLeases", input: { shard, worker: world.worker(), keep: [] } }),
  (world) => {
    const record = world.flip() ? { type: world.text() } : null;
    const seen = { seenAt: world.now - world.int(100), expiresAt: world.now + world.int(50_000) };
    return { name: "putWorkers", input: { workers: [{ id: world.worker(), record, ...seen }] } };
  },
  (world) => ({ name: "listWorkers", input: { since: world.int(5) } }),
  (world) => ({ name: "listSigns", input: { after: world.now + world.int(50_000) } }),
  (world) => {
    const wanted = { jobId: world.jobId(), wait: world.int(3), blueprint: "flow", state: world.text() };
    return { name: "tell", input: { bell: { kind: "wanted", ...wanted } } };
  },
  () => ({ name: "readStandings", input: { shard } }),
  charge,
  charge,
  (world) => ({ name: "refundQuota", input: { shard, jobIds: [world.charged(), world.charged()] } }),
  (world) => {
    const key = () => ({ key: `k${world.int(30)}`, fingerprint: `f${world.int(2)}` });
    return { name: "findCreated", input: { shard, keys: [key(), key()] } };
  },
  (world) => {
    const limit = { perSecond: 1 + world.int(3), burst: 5 };
    const take = { limit, want: 1 + world.int(4), lifeMs: 1000 };
    return { name: "takeTokens", input: { shard, key: world.worker(), ...take } };
  },
  () => ({ name: "purge", input: { shard, limit: 10_000 } }),
];

function create(world: World): PortCall {
  const jobs = Array.from({ length: 1 + world.int(2) }, () => {
    const key = { key: `k${world.int(30)}`, fingerprint: `f${world.int(2)}`, ttlMs: 30_000 };
    return { job: world.newJob(), dedup: world.flip() ? null : key };
  });
  return { name: "createJobs", input: { shard, jobs, lease: world.lease() } };
}
/** A period of a hundred seconds, so that there are several. */
function charge(world: World): PortCall {
  const number = Math.floor(world.now / 100_000);
  const period = { id: `p${number}`, from: number * 100_000, to: (number + 1) * 100_000 };
  const jobIds = Array.from({ length: 1 + world.int(3) }, () => world.toCharge());
  return { name: "chargeQuota", input: { shard, owner: world.pick(["alice", "bob"]), period, limit: 20, jobIds } };
}
function claim(world: World): PortCall {
  const times = { takeMs: 3000, silenceMs: 2000 };
  return { name: "claimJobs", input: { shard, lease: world.claimLease(), dueLimit: 100, ...times } };
}
function poll(world: World): PortCall {
  const limits = { limit: 1 + world.int(4), capacity: 6, offerMs: 4000, lanesSeen: world.int(4) };
  return {
    name: "claimTasks",
    input: { shard, worker: world.worker(), claim: world.text(), lanes: world.lanes(), ...limits },
  };
}
function settle(world: World): PortCall {
  const task = world.task();
  if (task === null) return poll(world);
  const more = world.flip() ? world.task() : null;
  const settlements = [task, ...(more === null ? [] : [more])].map((one) => world.settlementOf(one));
  return { name: "settleTasks", input: { shard, settlements, lease: world.lease() } };
}
function list(world: World): PortCall {
  const status = world.flip() ? null : world.pick(jobStatuses);
  const before = world.flip() ? null : { createdAt: world.now - world.int(20_000), id: world.jobId() };
  const filter = { owner: world.pick([null, "alice", "bob"]), blueprint: world.pick([null, "flow"]), before };
  return {
    name: "listJobs",
    input: { shard, status, withoutDiscarded: world.flip(), limit: 1 + world.int(8), ...filter },
  };
}
