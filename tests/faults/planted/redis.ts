// The Redis store's scripts.
import { type Planted, plantedInScript } from "./planted.ts";

export const redis: readonly Planted[] = [
  plantedInScript("Redis: commit without version check", "redis suite", [
    "commit-step.lua",
    "if job.leaseClaim ~= commit.claim or job.version ~= commit.version then",
    "if job.leaseClaim ~= commit.claim then",
  ]),
  plantedInScript("Redis: lease not checked", "redis simulation", [
    "commit-step.lua",
    "if job.leaseClaim ~= commit.claim or job.version ~= commit.version then",
    "if job.version ~= commit.version then",
  ]),
  plantedInScript("Redis: cancel overtaken by a commit", "redis simulation", [
    "commit-step.lua",
    "if job.cancelId and not commit.cancelSeen then",
    "if job.cancelId and not commit.cancelSeen and job.cancelAt < 0 then",
  ]),
  plantedInScript("Redis: a repeated commit is refused", "redis suite", [
    "commit-step.lua",
    "if job.writer == commit.id then",
    "if job.writer == '' then",
  ]),
  plantedInScript("Redis: a timer forgotten in the commit that sets it", "redis simulation", [
    "commit-step.lua",
    "  wake(job.due)\n  if commit.endedAt",
    "  if commit.endedAt",
  ]),
  plantedInScript("Redis: a child's end reaches a parent that waits for something else", "redis suite", [
    "commit-step.lua",
    "if not parent or parent.wait ~= event.wait or parent.cancelId then",
    "if not parent or parent.cancelId then",
  ]),
  plantedInScript("Redis: a repeated claim takes more", "redis suite", [
    "claim-jobs.lua",
    "if #jobs == 0 then jobs = claimReady() end",
    "for _, one in ipairs(claimReady()) do jobs[#jobs + 1] = one end",
  ]),
  plantedInScript("Redis: dedup not in the job's creation", "redis simulation", [
    "create-jobs.lua",
    "if dedup then putDedup(",
    "if dedup and #granted == 0 then putDedup(",
  ]),
  plantedInScript("Redis: a key stands for whatever is asked for next", "redis suite", [
    "lib/dedup.lua",
    "known.fingerprint == one.fingerprint",
    "known.fingerprint ~= nil",
  ]),
  plantedInScript("Redis: join fires one failure early", "redis simulation", [
    "settle-tasks.lua",
    "if join.failed > join.allowed then",
    "if join.failed >= join.allowed then",
  ]),
  plantedInScript("Redis: join counted by attempts", "redis simulation", [
    "settle-tasks.lua",
    "join.ok = join.ok + 1",
    "join.ok = join.ok + task.attempt",
  ]),
  plantedInScript("Redis: result of an old attempt accepted", "redis suite", [
    "settle-tasks.lua",
    "if isCurrent and task and mayEnd(worker, task) then",
    "if task and mayEnd(worker, task) then",
  ]),
  plantedInScript("Redis: a repeated result is judged again", "redis simulation", [
    "settle-tasks.lua",
    "if former then return applied(former, join) end",
    "if former and at.attempt < 0 then return applied(former, join) end",
  ]),
  plantedInScript("Redis: the last value of once stands", "redis suite", [
    "lib/once.lua",
    "call('HSETNX', onceKey(jobId)",
    "call('HSET', onceKey(jobId)",
  ]),
  plantedInScript("Redis: capacity not counted", "redis simulation", [
    "claim-tasks.lua",
    "math.min(input.limit, input.capacity - countHeld())",
    "input.limit",
  ]),
  plantedInScript("Redis: an offer confirmed by the claim before", "redis suite", [
    "extend-leases.lua",
    "task.state == 'offered' and task.claim == one.claim and",
    "task.state == 'offered' and",
  ]),
  plantedInScript("Redis: a lane's first task not noted", "redis suite", [
    "lib/lane.lua",
    "if not head or score < head then call('ZADD', headsKey(",
    "if not head then call('ZADD', headsKey(",
  ]),
  plantedInScript("Redis: a lane that fills rings no bell", "redis simulation", [
    "lib/lane.lua",
    "    laneBell(row)\n    call('ZREM', laneEmptyKey(), lane)",
    "    call('ZREM', laneEmptyKey(), lane)",
  ]),
  plantedInScript("Redis: quota exceeded by one", "redis suite", [
    "charge-quota.lua",
    "counter.used < input.limit",
    "counter.used <= input.limit",
  ]),
  plantedInScript("Redis: a repeated refund is given again", "redis suite", [
    "refund-quota.lua",
    "  if row.state == 'refunded' then return true end\n",
    "",
  ]),
  plantedInScript("Redis: a timer fires for an ended job", "redis suite", [
    "lib/job.lua",
    "if not job.endedAt then return job.due end",
    "return job.due",
  ]),
  plantedInScript("Redis: a worker that expired goes unnoticed", "redis suite", [
    "purge.lua",
    "if worker.record then",
    "if not worker.record then",
  ]),
  plantedInScript("Redis: a lane is purged as soon as it is empty", "redis suite", [
    "purge.lua",
    "beyond(now - emptyLaneMs)",
    "beyond(now)",
  ]),
];
