/** One way to break something: in `file` (below its package's sources) `find` becomes `replace`. */
export interface Edit {
  file: string;
  find: string;
  replace: string;
}

/** Those that look at everything. */
export type General = "simulation" | "suite" | "kill" | "storm" | "hostile";
export type TestFile = `${string}.test.ts`;
export type Finder = General | TestFile;

export interface Planted {
  name: string;
  /** The folder below `packages`. */
  package: "avtomatika" | "worker" | "client";
  /** Who is asked, in this order, until one finds it. */
  finders: Finder[];
  edits: Edit[];
}

type EditText = [file: string, find: string, replace: string];

function planted(name: string, finder: Finder, ...edits: EditText[]): Planted {
  const finders: Finder[] = [...new Set<Finder>([finder, "simulation", "suite", "kill"])];
  return { name, package: "avtomatika", finders, edits: edits.map(toEdit) };
}

/** In an SDK; `test` is a file of its package. */
function plantedIn(sdk: "worker" | "client", name: string, test: string, ...edits: EditText[]): Planted {
  const finders: Finder[] = [`packages/${sdk}/test/${test}.test.ts`, "storm"];
  return { name, package: sdk, finders, edits: edits.map(toEdit) };
}

function toEdit([file, find, replace]: EditText): Edit {
  return { file, find, replace };
}

const rows = "storage/rows";
const clientsFile = "tests/e2e/http/clients-file.test.ts";
const workersFile = "tests/e2e/http/workers-file.test.ts";
const reload = "tests/e2e/http/reload.test.ts";

export const faults: readonly Planted[] = [
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
  planted("a repeated result is applied again", "simulation", [
    `${rows}/judge-settlement.ts`,
    "  if (past !== undefined)\n",
    "  if (past !== undefined && settlement.address.attempt < 0)\n",
  ]),
  planted("join counted twice", "simulation", [
    `${rows}/settle-tasks.ts`,
    "  if (ok) join.ok += 1;",
    "  if (ok) join.ok += end.attempt;",
  ]),
  planted("sibling not cancelled", "simulation", [
    `${rows}/settle-tasks.ts`,
    'closeJoin(call, jobId, wait, "fired");',
    'call.rows.putJoin({ ...join, state: "fired" });',
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
  planted("result of an old attempt accepted", "simulation", [
    `${rows}/judge-settlement.ts`,
    "if (attempt === current && task !== undefined && mayEnd(",
    "if (task !== undefined && mayEnd(",
  ]),
  planted("wake forgotten", "simulation", [`${rows}/commit-step.ts`, "  wake(call, job.due);\n", ""]),
  planted("bell only per type", "simulation", [
    `${rows}/queue.ts`,
    "if (row.head === null) call.bells.push",
    "if (row.head === null && [...call.rows.lanesByHead(row.lane.type)].length === 0) call.bells.push",
  ]),
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
  planted("capacity not counted", "simulation", [
    `${rows}/claim-tasks.ts`,
    "Math.min(input.limit, input.capacity - call.rows.countHeld(input.worker))",
    "input.limit",
  ]),
  planted("abilities not looked at", "simulation", [
    "core/match.ts",
    "if (!worker.supportedTasks.has(lane.type))",
    "if (worker.supportedTasks.size === 0)",
  ]),
  planted("freed worker not told of", "simulation", [
    `${rows}/task-state.ts`,
    'if (call.full.delete(worker)) call.bells.push({ kind: "freed", worker });',
    "call.full.delete(worker);",
  ]),
  planted("decision taken after the wait", "suite", [
    `${rows}/deliver.ts`,
    "if (job.wait !== event.wait || job.cancel !== null)",
    "if (job.cancel !== null)",
  ]),
  planted("lost runs not counted", "suite", [`${rows}/wake-job.ts`, "  job.runs += 1;\n", ""]),
  planted("priority ignored", "suite", [
    `${rows}/queue.ts`,
    "(1000 - priority) * 2 ** 42 + ",
    "(1000 - priority * 0) * 2 ** 42 + ",
  ]),
  planted("a repeated claim takes more", "suite", [
    `${rows}/claim-jobs.ts`,
    "const jobs = before.length > 0 ? before : claimReady(call, input.lease);",
    "const jobs = claimReady(call, input.lease);",
  ]),
  planted("heartbeat overwrites a registration", "simulation", [
    `${rows}/workers.ts`,
    "record !== null && base !== undefined && base !== (known?.version ?? 0)",
    "record !== null && base !== undefined && base < 0",
  ]),
  planted("job's record purged before its branches", "suite", [
    `${rows}/purge.ts`,
    "    left -= call.rows.removeBranches(id, left);\n",
    "",
  ]),
  planted("parked poll misses news during a claim", "simulation", [
    "engine/poll-desk.ts",
    "poll.full = reply.full && poll.news === news;",
    "poll.full = reply.full || poll.news < news;",
  ]),
  planted("lost lease not noticed by the handler's once", "suite", [
    `${rows}/stage.ts`,
    'if (job?.lease?.claim !== input.claim) return { outcome: "lost" };',
    'if (job === undefined) return { outcome: "lost" };',
  ]),
  planted("answers of a withdrawn task forgotten", "simulation", [
    `${rows}/task-state.ts`,
    "  if (task.past.length === 0) return;\n",
    "  if (task.past.length >= 0) return;\n",
  ]),
  planted(
    "acknowledged before the commit",
    "kill",
    [
      "storage/sqlite/run-group.ts",
      "  file.db.begin();\n  const outcomes =",
      '  try {\n    file.db.exec("COMMIT");\n  } catch {}\n  file.db.begin();\n  const outcomes =',
    ],
    ["storage/sqlite/run-group.ts", '  file.db.exec("COMMIT");\n  return outcomes;', "  return outcomes;"],
  ),
  planted("leases of the former process not voided", "kill", [
    "storage/sqlite/store-file.ts",
    "    this.#jobs.voidLeases(this.meta.tick(now));\n",
    "",
  ]),
  planted("joins not written with the commit", "kill", [
    "storage/sqlite/store-file.ts",
    "    this.#branches.flush();\n",
    "",
  ]),
  planted("a field of an answer renamed", "hostile", [
    "server/answer/job-entry.ts",
    "    ended_at: instantOrNull",
    "    endedAt: instantOrNull",
  ]),
  planted("a bound not checked", "hostile", [
    "server/request/read-wait.ts",
    "if (seconds <= waitLimitSeconds)",
    "if (seconds <= waitLimitSeconds * 2)",
  ]),
  plantedIn("worker", "a result is dropped after a 503", "results", [
    "engine/result-sender.ts",
    "    this.#waiting.unshift(...batch);\n    this.#stuck = true;",
    "    this.#stuck = true;",
  ]),
  plantedIn("worker", "registrations don't name running tasks", "registration", [
    "worker/session.ts",
    "      current_tasks: this.#desk.taskIds(),\n      sdk_process",
    "      sdk_process",
  ]),
  plantedIn("worker", "a poll error without a pause", "polling", [
    "engine/poller.ts",
    "    await pause(Math.max(idleMs, backoff.next(answer.retryAfterMs)), this.#stopped.signal);\n",
    "    void backoff;\n",
  ]),
  plantedIn("worker", "Retry-After isn't kept by heartbeats", "pace", [
    "engine/heart.ts",
    "    this.#pacer.close(pauseMs);\n    return pauseMs;",
    "    return Math.min(intervalMs, pauseMs);",
  ]),
  plantedIn("worker", "a task's folder goes before its result was acknowledged", "files", [
    "worker/session.ts",
    "    isOver = true;\n",
    "    isOver = true;\n    this.#files?.end(taskId);\n",
  ]),
  plantedIn("worker", "keys may lead out of their bucket", "files", [
    "files/object-address.ts",
    'part === "." || part === ".."',
    'part === "."',
  ]),
  plantedIn("worker", "links may lead out of a task's folder", "files", [
    "files/find-outputs.ts",
    "  if (real === dir || real.startsWith(dir + sep)) return real;",
    "  if (real !== dir + sep) return real;",
  ]),
  plantedIn("client", "a repeated creation has another key", "retries", [
    "http/caller.ts",
    "await this.#try(request);",
    "await this.#try({ ...request, idempotencyKey: idempotencyKey && idempotencyKey + String(retries) });",
  ]),
  plantedIn("client", "a spent quota is tried again", "retries", ["http/caller.ts", " && fault.code !== spent", ""]),
  planted("quota charged after the creation", "simulation", [
    "engine/create-jobs.ts",
    "    const { ids, retryAfterMs } = await",
    "    await insert(own, results, create);\n    const { ids, retryAfterMs } = await",
  ]),
  planted("quota exceeded by one", "simulation", [`${rows}/quota.ts`, "counter.used < limit", "counter.used <= limit"]),
  planted("a repeated charge is counted again", "suite", [
    `${rows}/quota.ts`,
    "if (before !== undefined) return before.state",
    'if (before?.state === "refused") return before.state',
  ]),
  planted("a repeated refund is given again", "suite", [
    `${rows}/quota.ts`,
    '  if (row.state === "refunded") return true;\n',
    "",
  ]),
  planted("a repeated creation keeps its unit", "simulation", [
    "engine/create-jobs.ts",
    "if (unused.length > 0) await create.quota.refund",
    "if (unused.length < 0) await create.quota.refund",
  ]),
  planted("jobs charged to a month that is over", "suite", [
    `${rows}/quota.ts`,
    "call.now < period.from || call.now >= period.to",
    "call.now < period.from",
  ]),
  planted("portion not deducted", "suite", [
    "core/token-bucket.ts",
    "limit.burst - level - lent;",
    "limit.burst - level;",
  ]),
  planted("seats' allowances not deducted", "suite", [
    "core/rate-share.ts",
    "burst: burst - own.burst * seats }",
    "burst }",
  ]),
  planted("a quota forgotten by the next commit", "kill", [
    "storage/sqlite/sqlite-counters.ts",
    "this.#statements.putQuota(owner, period, used, expiresAt);",
    "if (used < 40) this.#statements.putQuota(owner, period, used, expiresAt);",
  ]),
  planted("a job's owner is not asked for", clientsFile, [
    "engine/job-access.ts",
    "return who.admin || found.job.owner === who.clientId ? found : null;",
    "return found;",
  ]),
  planted("admin routes are open to everybody", clientsFile, [
    "server/authentication.ts",
    'if (request.getDecorator<Caller>("caller").admin) return;',
    'if (request.getDecorator<Caller>("caller").clientId !== "") return;',
  ]),
  planted("a worker's token speaks for any worker", workersFile, [
    "server/access/worker-directory.ts",
    "if (own !== null && own.id !== workerId) {",
    'if (own !== null && workerId === "") {',
  ]),
  planted("the shared token speaks for workers with their own", workersFile, [
    "server/access/worker-directory.ts",
    "if (own === null && this.own.get(workerId) !== undefined) {",
    'if (own === null && workerId === "") {',
  ]),
  planted("who names nobody holds any task", workersFile, [
    "engine/name-sender.ts",
    "return mayBe(holder) ? holder : nobody;",
    'return mayBe(holder) ? holder : "*";',
  ]),
  planted("an invalid file empties the directory", reload, [
    "config/read-workers.ts",
    "if (faults.length > 0) throw configFaults(file, faults);",
    "if (faults.length > 0) return { entries: [], warnings: faults };\n  void configFaults;",
  ]),
  planted("a removed worker keeps its leases", reload, [
    "engine/engine.ts",
    "for (const taskId of await registry.dismiss(workerId)) {",
    "for (const taskId of registry.get(workerId)?.openTasks ?? []) {",
  ]),
  planted("a changed token leaves a poll parked", reload, [
    "server/routes/tasks.ts",
    "      if (refused !== null) {",
    '      if (refused !== null && workerId === "") {',
  ]),
];
