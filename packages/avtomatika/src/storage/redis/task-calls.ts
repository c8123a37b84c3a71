import type { JsonObject } from "#core/json";
import { chunks, most } from "#storage/redis/chunks";
import type { Input, Output } from "#storage/redis/port";
import { remaining } from "#storage/redis/remaining";
import type { Told } from "#storage/redis/reply";
import type { Session } from "#storage/redis/session";
import type { LeasedJob, Settled } from "#storage/storage";

/** See `Storage.claimTasks`. */
export async function claimTasks(session: Session, { shard, ...input }: Input<"claimTasks">): Output<"claimTasks"> {
  const reply = await session.run("claim-tasks", shard, () => input);
  return {
    tasks: reply.get<Told[]>("tasks").map(({ task, type, trace }) => ({
      task: reply.task(task as Told),
      type: type as string,
      trace: reply.body(trace) as JsonObject,
    })),
    left: reply.get("left"),
    full: reply.get("full"),
    open: reply.get("open"),
    lanes: reply.get<Told[]>("lanes").map((told) => reply.lane(told)),
    lanesVersion: reply.get("lanesVersion"),
    now: reply.now,
  };
}

/** See `Storage.settleTasks`. */
export async function settleTasks(
  session: Session,
  { shard, settlements, lease }: Input<"settleTasks">,
): Output<"settleTasks"> {
  const leased = new Map<string, LeasedJob>();
  const results: Settled[] = [];
  let now = 0;
  for (const part of chunks(settlements, most.settled)) {
    const reply = await session.run("settle-tasks", shard, (request) => ({
      settlements: part.map((settlement) => request.settlement(settlement)),
      lease: remaining(lease, leased.size),
    }));
    results.push(...reply.get<Settled[]>("results"));
    for (const one of reply.allLeased("leased")) leased.set(one.job.id, one);
    now = reply.now;
  }
  return { results, leased: [...leased.values()], now };
}

/** See `Storage.getTask`. */
export async function getTask(session: Session, { address }: Input<"getTask">): Output<"getTask"> {
  const reply = await session.runOnJob("get-task", address.jobId, () => ({ address }));
  const found = reply.get<Told | undefined>("found");
  return { found: found === undefined ? null : reply.taskDetails(found, address.index), now: reply.now };
}

/** See `Storage.extendLeases`. */
export async function extendLeases(
  session: Session,
  { shard, jobs, confirm, release, ...input }: Input<"extendLeases">,
): Output<"extendLeases"> {
  const lost: string[] = [];
  const cancelled: string[] = [];
  const parts = [jobs, confirm, release].map((list) => chunks<unknown>(list, most.extended));
  const count = Math.max(...parts.map((list) => list.length));
  let now = 0;
  for (let at = 0; at < count; at++) {
    const [extended = [], confirmed = [], released = []] = parts.map((list) => list[at] ?? []);
    const lists = { jobs: extended, confirm: confirmed, release: released };
    const reply = await session.run("extend-leases", shard, () => ({ ...input, ...lists }));
    lost.push(...reply.get<string[]>("lost"));
    cancelled.push(...reply.get<string[]>("cancelled"));
    now = reply.now;
  }
  return { lost, cancelled, now };
}

/** See `Storage.putProgress`. */
export async function putProgress(session: Session, { shard, entries }: Input<"putProgress">): Output<"putProgress"> {
  let stored = 0;
  let now = 0;
  for (const part of chunks(entries, most.progress)) {
    const reply = await session.run("put-progress", shard, () => ({ entries: part }));
    stored += reply.get<number>("stored");
    now = reply.now;
  }
  return { stored, now };
}

/** See `Storage.listRevoked`. */
export async function listRevoked(session: Session, { shard }: Input<"listRevoked">): Output<"listRevoked"> {
  const tasks = new Map<string, string>();
  let [cursor, now] = ["0", 0];
  do {
    const reply = await session.run("list-revoked", shard, () => ({ cursor, limit: most.revoked }));
    // A hash that grows or shrinks between two pages may show a task twice.
    for (const { taskId, worker } of reply.get<{ taskId: string; worker: string }[]>("tasks"))
      tasks.set(taskId, worker);
    [cursor, now] = [reply.get("cursor"), reply.now];
  } while (cursor !== "0");
  return { tasks: [...tasks].map(([taskId, worker]) => ({ worker, taskId })), now };
}

/** See `Storage.releaseLeases`. */
export async function releaseLeases(
  session: Session,
  { shard, ...input }: Input<"releaseLeases">,
): Output<"releaseLeases"> {
  const released: string[] = [];
  let [cursor, now] = ["0", 0];
  do {
    const page = { cursor, limit: most.released };
    const reply = await session.run("release-leases", shard, () => ({ ...input, ...page }));
    released.push(...reply.get<string[]>("released"));
    [cursor, now] = [reply.get("cursor"), reply.now];
  } while (cursor !== "0");
  return { released, now };
}
