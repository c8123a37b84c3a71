// Jobs in the store: creation, claims, commits, ends.
import { type Planted, planted } from "./planted.ts";

const rows = "storage/rows";

export const jobs: readonly Planted[] = [
  planted("an outage loses the leases that ran out in it", "suite", [
    `${rows}/claim-jobs.ts`,
    "if (outage === undefined) return makeReady(call, job);",
    "if (outage === undefined || until > 0) return makeReady(call, job);",
  ]),
  planted("commit without version check", "suite", [
    `${rows}/commit-step.ts`,
    "job.lease?.claim !== commit.claim || job.version !== commit.version",
    "job.lease?.claim !== commit.claim",
  ]),
  planted("lease not checked", "simulation", [
    `${rows}/commit-step.ts`,
    "job.lease?.claim !== commit.claim || job.version !== commit.version",
    "job.version !== commit.version",
  ]),
  planted(
    "creation acknowledged before the commit",
    "simulation",
    [
      "engine/create-jobs.ts",
      "for (const [index, { at }] of entries.entries()) results[at] = reply.results[index] as CreationResult;",
      "void reply;",
    ],
    [
      "engine/create-jobs.ts",
      "    const jobs = entries.map(({ entry }) => entry);",
      '    for (const { at, entry } of entries) results[at] = { outcome: "created", jobId: entry.job.id };\n    const jobs = entries.map(({ entry }) => entry);',
    ],
  ),
  planted("message read but not consumed", "simulation", [`${rows}/commit-step.ts`, "  job.event = null;\n", ""]),
  planted("an outage is told to the first engine only", "suite", [
    `${rows}/note-call.ts`,
    "  call.rows.putOutages(known);\n",
    "",
  ]),
  planted("a repeated commit is refused", "suite", [
    `${rows}/commit-step.ts`,
    "if (job.writer === commit.id)",
    'if (job.writer === "")',
  ]),
  planted("timer fires for an ended job", "simulation", [
    `${rows}/rows.ts`,
    "return job.endedAt === null ? job.due : null;",
    "return job.due;",
  ]),
  planted(
    "child's end delivered twice",
    "simulation",
    ["core/end-job.ts", " || job.head.parentTold", ""],
    [`${rows}/commit-step.ts`, "parent.wait !== notify.event.wait || ", ""],
  ),
  planted("wake forgotten", "simulation", [`${rows}/commit-step.ts`, "  wake(call, job.due);\n", ""]),
  planted("once not stored", "simulation", [
    `${rows}/stage.ts`,
    "  call.rows.putOnce(input.jobId, visit, name, value);\n",
    "",
  ]),
  planted("dedup not in the job's commit", "simulation", [
    `${rows}/create-jobs.ts`,
    "    if (dedup !== null) {",
    "    if (dedup !== null && grants.given.length === 0) {",
  ]),
  planted("cancel overtaken by a commit", "simulation", [
    `${rows}/commit-step.ts`,
    "if (job.cancel !== null && !commit.cancelSeen)",
    "if (job.cancel !== null && !commit.cancelSeen && job.cancel.at < 0)",
  ]),
  planted("cancel leaves tasks in their queues", "simulation", [
    `${rows}/cancel-job.ts`,
    'if (job.wait !== null) closeJoin(call, jobId, job.wait, "closed");',
    "",
  ]),
  planted("children outlive a cancelled parent", "simulation", [
    `${rows}/commit-step.ts`,
    "for (const id of commit.cancelJobs) markCancelled(call, id, commit.id, grants);",
    "void markCancelled;",
  ]),
  planted("decision taken after the wait", "suite", [
    `${rows}/deliver.ts`,
    "if (job.wait !== event.wait || job.cancel !== null)",
    "if (job.cancel !== null)",
  ]),
  planted("lost runs not counted", "suite", [`${rows}/wake-job.ts`, "  job.runs += 1;\n", ""]),
  planted("a repeated claim takes more", "suite", [
    `${rows}/claim-jobs.ts`,
    "const jobs = before.length > 0 ? before : claimReady(call, input.lease);",
    "const jobs = claimReady(call, input.lease);",
  ]),
  planted("job's record purged before its branches", "suite", [
    `${rows}/purge.ts`,
    "    left -= call.rows.removeBranches(id, left);\n",
    "",
  ]),
  planted("lost lease not noticed by the handler's once", "suite", [
    `${rows}/stage.ts`,
    'if (job?.lease?.claim !== input.claim) return { outcome: "lost" };',
    'if (job === undefined) return { outcome: "lost" };',
  ]),
];
