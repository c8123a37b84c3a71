// Redis' scripts again: what engines, workers and servers that die under load have to show.
import { type Planted, planted, plantedInRedis } from "./planted.ts";

const scripts = "storage/redis/scripts";
const serverState = "packages/avtomatika/test/storage/redis/server-state.test.ts";

export const chaos: readonly Planted[] = [
  planted("Chaos: a line lives as long as it is written to", serverState, [
    "storage/redis/line.ts",
    "    this.#waiting += 1;\n",
    "    this.#waiting += 1;\n    this.#quietTicks = 0;\n",
  ]),
  plantedInRedis("Chaos: a step of a lost lease commits", [
    `${scripts}/commit-step.lua`,
    "if job.leaseClaim ~= commit.claim or job.version ~= commit.version then",
    "if job.leaseClaim ~= commit.claim and job.version < 0 then",
  ]),
  plantedInRedis("Chaos: cancel overtaken by a commit", [
    `${scripts}/commit-step.lua`,
    "if job.cancelId and not commit.cancelSeen then",
    "if job.cancelId and not commit.cancelSeen and job.cancelAt < 0 then",
  ]),
  plantedInRedis("Chaos: a repeated result is judged anew", [
    `${scripts}/settle-tasks.lua`,
    "  if former then return applied(former, join) end\n",
    "  if former and at.attempt < 0 then return applied(former, join) end\n",
  ]),
  plantedInRedis("Chaos: join counted twice", [
    `${scripts}/settle-tasks.lua`,
    "join.ok = join.ok + 1 else",
    "join.ok = join.ok + task.attempt else",
  ]),
  plantedInRedis("Chaos: message read but not consumed", [`${scripts}/commit-step.lua`, "  job.eventKind = nil\n", ""]),
  plantedInRedis("Chaos: once not stored", [
    `${scripts}/lib/once.lua`,
    "  call('HSETNX', onceKey(jobId), '=' .. name, value)\n  return call('HGET', onceKey(jobId), '=' .. name)",
    "  return value",
  ]),
  plantedInRedis("Chaos: idempotency key of a leased job forgotten", [
    `${scripts}/create-jobs.lua`,
    "    if dedup then putDedup",
    "    if dedup and #granted == 0 then putDedup",
  ]),
  plantedInRedis("Chaos: a charge isn't counted", [
    `${scripts}/charge-quota.lua`,
    "if counter.used > usedBefore then putQuota",
    "if counter.used > usedBefore + 1 then putQuota",
  ]),
  plantedInRedis("Chaos: siblings of a decided fan-out stay queued", [
    `${scripts}/lib/closing.lua`,
    "  if not isOut(task) then return withdraw(task) end",
    "  if not isOut(task) then return task.past and withdraw(task) end",
  ]),
];
