import type { JobRecord } from "#core/job";
import { jobStatuses } from "#core/status";
import type { StepCommit } from "#core/step-commit";
import { stage } from "#storage/redis/branch-calls";
import { chunks, most } from "#storage/redis/chunks";
import type { Input, Output } from "#storage/redis/port";
import { remaining } from "#storage/redis/remaining";
import type { ScriptReply, Told } from "#storage/redis/reply";
import type { Session } from "#storage/redis/session";
import type { Committed, Created, Delivered, LeasedJob } from "#storage/storage";

/** See `Storage.createJobs`. */
export async function createJobs(session: Session, { shard, jobs, lease }: Input<"createJobs">): Output<"createJobs"> {
  const leased = new Map<string, LeasedJob>();
  const results: Created[] = [];
  let now = 0;
  for (const part of chunks(jobs, most.created)) {
    const reply = await session.run("create-jobs", shard, (request) => ({
      freshHead: request.freshHead(),
      jobs: part.map(({ job, dedup }) => ({ job: request.newJob(job), dedup })),
      lease: remaining(lease, leased.size),
    }));
    results.push(...reply.get<Created[]>("results"));
    for (const one of reply.allLeased("leased")) leased.set(one.job.id, one);
    now = reply.now;
  }
  return { results, leased: [...leased.values()], now };
}

/** See `Storage.getJob`. */
export async function getJob(session: Session, { jobId, watch }: Input<"getJob">): Output<"getJob"> {
  const reply = await session.runOnJob("get-job", jobId, () => ({ jobId, watch }));
  const found = reply.get<Told | undefined>("found");
  return { found: found === undefined ? null : reply.jobDetails(found), now: reply.now };
}

/** See `Storage.listJobs`. */
export async function listJobs(
  session: Session,
  { shard, before, limit, ...filter }: Input<"listJobs">,
): Output<"listJobs"> {
  const jobs: JobRecord[] = [];
  const statuses = filter.status === null ? jobStatuses : [filter.status];
  // One more than asked for says whether there is another page.
  let next = before;
  let reply: ScriptReply;
  do {
    const left = { limit: Math.min(limit + 1 - jobs.length, most.listed), budget: most.looked, before: next };
    reply = await session.run("list-jobs", shard, () => ({ ...filter, ...left, statuses }));
    for (const told of reply.get<Told[]>("jobs")) jobs.push(reply.job(told));
    next = reply.get<typeof before>("last") ?? null;
  } while (next !== null && jobs.length <= limit);
  return { jobs: jobs.slice(0, limit), more: jobs.length > limit, now: reply.now };
}

/** See `Storage.countJobs`. */
export async function countJobs(session: Session, { shard, owner }: Input<"countJobs">): Output<"countJobs"> {
  const reply = await session.run("count-jobs", shard, () => ({ owner, statuses: jobStatuses }));
  return { counts: reply.get("counts"), ready: reply.get("ready"), now: reply.now };
}

/** See `Storage.claimJobs`. */
export async function claimJobs(session: Session, { shard, ...input }: Input<"claimJobs">): Output<"claimJobs"> {
  const reply = await session.run("claim-jobs", shard, () => input);
  return {
    jobs: reply.allLeased("jobs"),
    tasks: reply.get<Told[]>("tasks").map((told) => reply.taskDetails(told, 0)),
    left: reply.get("left"),
    moreDue: reply.get("moreDue"),
    nextDue: reply.get<number | undefined>("nextDue") ?? null,
    purgeDue: reply.get("purgeDue"),
    outages: reply.get("outages"),
    now: reply.now,
  };
}

/** See `Storage.commitStep`. */
export async function commitStep(session: Session, { commit, lease }: Input<"commitStep">): Output<"commitStep"> {
  // A commit that is one script is sent before this function returns: in the order of the calls.
  const staged = mayTravelWhole(commit) ? commit : await stageLarge(session, commit);
  const reply = await session.runOnJob("commit-step", commit.jobId, (request) => ({
    commit: request.commit(staged),
    freshHead: commit.children.length === 0 ? null : request.freshHead(),
    lease,
  }));
  const outcome = reply.get<Committed["outcome"]>("outcome");
  if (outcome === "lost") return { outcome, now: reply.now };
  const job = reply.job(reply.get("job"));
  if (outcome === "superseded") return { outcome, job, now: reply.now };
  return { outcome, job, leased: reply.allLeased("leased"), now: reply.now };
}

function mayTravelWhole({ join }: StepCommit): boolean {
  const count = join?.groups.reduce((sum, { items }) => sum + (items?.length ?? 0), 0) ?? 0;
  return count <= most.staged;
}

/** Branches that came with a commit, but are too many for one script, travel before it. */
async function stageLarge(session: Session, commit: StepCommit): Promise<StepCommit> {
  const { join, jobId, claim } = commit;
  if (join === null) return commit;
  for (const [group, { items }] of join.groups.entries()) {
    if (items === null) continue;
    await stage(session, { jobId, claim, items: { wait: join.wait, group, start: 0, items }, once: null });
  }
  return { ...commit, join: { ...join, groups: join.groups.map((group) => ({ ...group, items: null })) } };
}

/** See `Storage.deliver`. */
export async function deliver(session: Session, { jobId, event, lease }: Input<"deliver">): Output<"deliver"> {
  const reply = await session.runOnJob("deliver", jobId, (request) => ({ jobId, event: request.event(event), lease }));
  return { ...delivered(reply), now: reply.now };
}

/** See `Storage.cancelJob`. */
export async function cancelJob(session: Session, input: Input<"cancelJob">): Output<"cancelJob"> {
  const reply = await session.runOnJob("cancel-job", input.jobId, () => input);
  return { ...delivered(reply), running: reply.get("running"), now: reply.now };
}

function delivered(reply: ScriptReply): Delivered {
  const leased = reply.get<Told | undefined>("leased");
  return { outcome: reply.get("outcome"), leased: leased === undefined ? null : reply.leased(leased) };
}
