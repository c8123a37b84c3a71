import { chunks, most } from "#storage/redis/chunks";
import type { Input, Output } from "#storage/redis/port";
import type { ScriptReply, Told } from "#storage/redis/reply";
import type { Session } from "#storage/redis/session";
import type { WorkerRow, WorkerSign } from "#storage/storage";

/** See `Storage.putWorkers`. */
export async function putWorkers(session: Session, { workers }: Input<"putWorkers">): Output<"putWorkers"> {
  const conflicts: WorkerRow[] = [];
  let version = 0;
  let now = 0;
  for (const part of chunks(workers, most.workers)) {
    const reply = await session.run("put-workers", 0, (request) => ({
      workers: part.map((worker) => request.worker(worker)),
    }));
    version = Math.max(version, reply.get("version"));
    for (const told of reply.get<Told[]>("conflicts")) conflicts.push(reply.worker(told));
    now = reply.now;
  }
  return { version, conflicts, now };
}

/** See `Storage.listWorkers`. */
export async function listWorkers(session: Session, { since }: Input<"listWorkers">): Output<"listWorkers"> {
  const workers: WorkerRow[] = [];
  let reply: ScriptReply;
  let page: Told[];
  do {
    const from = workers.at(-1)?.version ?? since;
    reply = await session.run("list-workers", 0, () => ({ since: from, limit: most.workers }));
    page = reply.get<Told[]>("workers");
    for (const told of page) workers.push(reply.worker(told));
  } while (page.length === most.workers);
  return { workers, version: workers.at(-1)?.version ?? since, now: reply.now };
}

/** See `Storage.listSigns`. A sign that comes between two parts may be missing: its worker gives another one. */
export async function listSigns(session: Session, { after }: Input<"listSigns">): Output<"listSigns"> {
  const signs = new Map<string, WorkerSign>();
  let reply: ScriptReply;
  let [from, more] = [0, true];
  do {
    const part = { after, from, limit: most.signs };
    reply = await session.run("list-signs", 0, () => part);
    for (const sign of reply.get<WorkerSign[]>("signs")) signs.set(sign.id, sign);
    more = reply.get("more");
    from += most.signs;
  } while (more);
  return { signs: [...signs.values()], now: reply.now };
}

/** See `Storage.tell`. */
export async function tell(session: Session, { bell }: Input<"tell">): Output<"tell"> {
  const reply = await session.run("tell", 0, (request) => ({ message: request.body([bell]) }));
  return { now: reply.now };
}

/** See `Storage.readStandings`. */
export async function readStandings(session: Session, { shard }: Input<"readStandings">): Output<"readStandings"> {
  const sums = new Map<string, { worker: string; attempts: number; successes: number }>();
  let day: number | null = null;
  let reply: ScriptReply;
  do {
    reply = await session.run("read-standings", shard, () => ({ day, budget: most.looked }));
    for (const { worker, attempts, successes } of reply.get<typeof sums extends Map<string, infer S> ? S[] : never>(
      "standings",
    )) {
      const sum = sums.get(worker) ?? { worker, attempts: 0, successes: 0 };
      sums.set(worker, { worker, attempts: sum.attempts + attempts, successes: sum.successes + successes });
    }
    day = reply.get<number | undefined>("nextDay") ?? null;
  } while (day !== null);
  return { standings: [...sums.values()], now: reply.now };
}

/** See `Storage.purge`. */
export async function purge(session: Session, { shard, limit }: Input<"purge">): Output<"purge"> {
  let [removed, jobs] = [0, 0];
  let reply: ScriptReply;
  do {
    const left = Math.min(limit - removed, most.purged);
    reply = await session.run("purge", shard, () => ({ limit: left }));
    removed += reply.get<number>("removed");
    jobs += reply.get<number>("jobs");
  } while (reply.get<boolean>("more") && removed < limit);
  return { removed, jobs, more: reply.get("more"), now: reply.now };
}
