import type { Json } from "#core/json";
import type { TaskResult } from "#core/task";
import { chunks, most } from "#storage/redis/chunks";
import type { Input, Output } from "#storage/redis/port";
import type { ScriptReply, Told } from "#storage/redis/reply";
import type { Session } from "#storage/redis/session";

/** See `Storage.stage`. */
export async function stage(session: Session, { jobId, claim, items, once }: Input<"stage">): Output<"stage"> {
  const parts = chunks(items?.items ?? [], most.staged);
  let reply: ScriptReply;
  let at = 0;
  do {
    const part = parts[at] ?? [];
    const isLast = at === parts.length - 1;
    const start = (items?.start ?? 0) + at * most.staged;
    reply = await session.runOnJob("stage", jobId, (request) => ({
      jobId,
      claim,
      items: items === null ? null : { wait: items.wait, group: items.group, start, ...request.items(part) },
      once: once === null || !isLast ? null : { ...once, value: request.body(once.value) },
    }));
    at += 1;
  } while (at < parts.length && reply.get("outcome") === "ok");
  const outcome = reply.get<"ok" | "lost">("outcome");
  const value = reply.get<number | undefined>("value");
  return { outcome, ...(value === undefined ? {} : { value: reply.body(value) as Json }), now: reply.now };
}

/** See `Storage.readOnce`. */
export async function readOnce(session: Session, input: Input<"readOnce">): Output<"readOnce"> {
  const reply = await session.runOnJob("read-once", input.jobId, () => input);
  const values = reply.get<Told[]>("values").map(({ name, value }) => [name, reply.body(value) as Json]);
  return { values: Object.fromEntries(values), now: reply.now };
}

/** See `Storage.readResults`. */
export async function readResults(
  session: Session,
  { jobId, wait, from, limit }: Input<"readResults">,
): Output<"readResults"> {
  const results: TaskResult[] = [];
  let next: number | null = from;
  let reply: ScriptReply;
  do {
    const left = { from: next, limit: limit + 1 - results.length, budget: most.looked };
    reply = await session.runOnJob("read-results", jobId, () => ({ jobId, wait, ...left }));
    for (const { index, value } of reply.get<{ index: number; value: number }[]>("results")) {
      results.push(reply.result(value, jobId, wait, index));
    }
    next = reply.get<number | undefined>("next") ?? null;
  } while (next !== null && results.length <= limit);
  const following = results.length > limit ? (results[limit] as TaskResult).index : null;
  return { results: results.slice(0, limit), next: following, now: reply.now };
}
