import type { JobRecord } from "avtomatika/internal/core/job";
import type { RedisStorage } from "avtomatika/redis";
import type { HttpCaller } from "../kill/http-caller.ts";
import type { JobBodies } from "../kill/killed-store.ts";
import type { Verdict } from "../kill/verdict.ts";

const together = 8;

/** Reads every job of the store as a client does, and holds what it is told against the store. */
export async function readViews(
  storage: RedisStorage,
  http: HttpCaller,
  verdict: Verdict,
): Promise<Map<string, JobBodies>> {
  const jobs = await listAll(storage);
  const bodies = new Map<
    string,
    { data: Record<string, unknown>; initial: { metadata: Record<string, never> | null } }
  >();
  const rest = jobs.values();
  const read = async (): Promise<void> => {
    for (const { id, status, state } of rest) {
      const answer = await http.attempt("GET", `/api/v1/jobs/${id}`);
      if (answer?.status !== 200) {
        verdict.report("lost", `the view of job ${id} was answered ${answer?.status}`);
        continue;
      }
      const view = answer.body;
      if (view.status !== status || view.current_state !== state) {
        verdict.report(
          "lost",
          `job ${id} is ${status} in ${state}, its view says ${view.status} in ${view.current_state}`,
        );
      }
      bodies.set(id, { data: view.state_history, initial: { metadata: view.metadata } });
    }
  };
  await Promise.all(Array.from({ length: together }, read));
  return bodies;
}

async function listAll(storage: RedisStorage): Promise<JobRecord[]> {
  const all: JobRecord[] = [];
  const filter = { shard: 0, owner: null, status: null, blueprint: null, withoutDiscarded: false };
  for (;;) {
    const before = all.at(-1) ?? null;
    const { jobs, more } = await storage.listJobs({ ...filter, before, limit: 1000 });
    all.push(...jobs);
    if (!more) return all;
  }
}
