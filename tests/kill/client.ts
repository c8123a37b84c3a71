// The client's process: it creates, cancels, decides, requeues and discards, and looks at what has ended.
import { Random } from "../simulate/random.ts";
import { HttpCaller, pause } from "./http-caller.ts";
import { Journal } from "./journal.ts";
import { hearOrders, readSetup, tell } from "./messages.ts";
import { MeteredClient } from "./metered.ts";

interface Entry {
  job_id: string;
  status: string;
}

const { folder, seed, clientToken, meteredToken, load, url } = readSetup();
const http = new HttpCaller({ "x-client-token": clientToken }, load.patienceMs);
const meteredHttp = new HttpCaller({ "x-client-token": meteredToken }, load.patienceMs);
const journal = new Journal(folder, "client");
http.url = url ?? null;
meteredHttp.url = url ?? null;
const random = new Random(seed * 15485863 + 1);
const metered = new MeteredClient(meteredHttp, journal, new Random(seed * 7368787 + 5));
/** What couldn't be created while no engine was there is made up for, but not all at once. */
const catchUpSeconds = 5;
const ended = ["finished", "failed", "cancelled", "quarantined", "queued"];
const created: string[] = [];
/** Ended jobs as they were first seen. */
const seen = new Map<string, string>();
let keys = 0;
let creating = 0;
let lastBig = 0;
/** How many may be created now, and when that was reckoned. */
let due = load.perSecond;
let filledAt = performance.now();
let calm = false;

hearOrders((order) => {
  if (order.kind === "url") {
    http.url = order.url;
    meteredHttp.url = order.url;
  }
  if (order.kind === "calm") calm = true;
  if (order.kind === "end") void end();
});

void repeat(400, decideAll);
void repeat(500, attendQuarantine);
void repeat(150, cancelOne);
void repeat(250, lookAtEnded);
const meteredRound = repeatUntilCalm(load.meteredEveryMs, () => metered.createOne());
await repeat(60, keepOpen);

async function repeat(everyMs: number, act: () => Promise<void>): Promise<never> {
  for (;;) {
    await act();
    await pause(everyMs);
  }
}

async function repeatUntilCalm(everyMs: number, act: () => Promise<void>): Promise<void> {
  while (!calm) {
    await act();
    await pause(everyMs);
  }
}

/** The last word of this process. */
async function end(): Promise<void> {
  await meteredRound;
  await metered.exhaust();
  await lookAgain();
  tell({ kind: "done" });
}

/** Creates as many as are missing; tells how many there are. */
async function keepOpen(): Promise<void> {
  const answer = await http.attempt("GET", "/api/v1/dashboard");
  if (answer === null) return;
  const counts = Object.entries(answer.body.jobs as Record<string, number>);
  const jobs = counts.filter(([status]) => !ended.includes(status)).reduce((sum, [, count]) => sum + count, 0);
  tell({ kind: "open", jobs, quarantined: calm ? await countQuarantined() : 0 });
  if (calm) return;
  const now = performance.now();
  due = Math.min(due + (load.perSecond * (now - filledAt)) / 1000, load.perSecond * catchUpSeconds);
  filledAt = now;
  for (let missing = Math.floor(Math.min(load.openJobs - jobs - creating, due)); missing > 0; ) {
    const count = create(missing);
    missing -= count;
    due -= count;
  }
}

/** Answers how many it creates: the key is used until the creation is answered, and sometimes again. */
function create(most: number): number {
  const big = Date.now() - lastBig > load.largeEveryMs;
  if (big) lastBig = Date.now();
  const count = most > 3 && random.chance(0.3) ? 3 : 1;
  creating += count;
  const key = `key-${keys++}`;
  const path = `/api/v1/flows/${random.pick(load.flows)}`;
  const bodies = Array.from({ length: count }, (_, index) => ({
    initial_data: { urgent: random.chance(0.5), ...(big && index === 0 ? { big } : {}) },
    priority: load.ranked ? random.int(-3, 3) : 0,
    metadata: { key: count === 1 ? key : `${key}#${index}` },
    ...(random.chance(0.1) ? { result_timeout: random.int(5, 15) } : {}),
  }));
  const again = random.chance(0.15);
  void insistOnCreation(key, path, bodies, again).finally(() => {
    creating -= count;
  });
  return count;
}

async function insistOnCreation(key: string, path: string, bodies: object[], again: boolean): Promise<void> {
  const headers = { "idempotency-key": key };
  for (let times = again ? 2 : 1; times > 0; times--) {
    if (bodies.length === 1) {
      const { status, body } = await http.insist("POST", path, { body: bodies[0], headers });
      if (status === 200 || status === 202) acknowledged(key, body.job_id);
      else wrong("lost", `the creation ${key} was answered ${status}: ${JSON.stringify(body)}`);
    } else {
      const { status, body } = await http.insist("POST", `${path}/batch`, { body: { jobs: bodies }, headers });
      if (status !== 202) return wrong("lost", `the batch ${key} was answered ${status}: ${JSON.stringify(body)}`);
      for (const [index, { job_id: jobId }] of (body.jobs as Entry[]).entries()) acknowledged(`${key}#${index}`, jobId);
    }
  }
}

function acknowledged(key: string, jobId: string): void {
  journal.write({ kind: "created", key, jobId });
  created.push(jobId);
}

/** A cancel is repeated until it is answered; one that was applied before its reply was lost may be told that the job has ended. */
async function cancelOne(): Promise<void> {
  if (calm || created.length === 0) return;
  const jobId = created[created.length - 1 - random.int(0, Math.min(60, created.length - 1))] as string;
  const { status } = await http.insist("POST", `/api/v1/jobs/${jobId}/cancel`);
  if (status === 200) journal.write({ kind: "cancelled", jobId });
}

async function decideAll(): Promise<void> {
  const answer = await http.attempt("GET", "/api/v1/jobs?status=waiting_for_human&limit=100");
  const waiting = (answer?.body ?? []) as Entry[];
  await Promise.all(waiting.filter(() => calm || random.chance(0.5)).map(({ job_id: jobId }) => decide(jobId)));
}

/** By the client's route once; by the bearer's until there is an answer, since a token is for one wait. */
async function decide(jobId: string): Promise<void> {
  const view = await http.attempt("GET", `/api/v1/jobs/${jobId}?fields=waiting_for`);
  const wait = view?.body?.waiting_for as { kind: string; token: string; path: string } | null | undefined;
  if (wait?.kind !== "human") return;
  const nonce = random.uuid();
  const body = { decision: random.pick(["yes", "no"]), comment: "so be it", metadata: { nonce } };
  const byToken = random.chance(0.5);
  const answer = byToken
    ? await insistByToken(wait.path, { ...body, token: wait.token })
    : await http.attempt("POST", `/api/v1/jobs/${jobId}/approval`, { body });
  if (answer?.status === 200) journal.write({ kind: "decided", jobId, nonce });
}

/** Here a 401 is an answer: the token was used, maybe by the try before. */
async function insistByToken(path: string, body: object) {
  for (;;) {
    try {
      const answer = await http.call("POST", new URL(path, "http://any").pathname, { body });
      if (answer.status < 500) return answer;
    } catch {
      // The engine is away.
    }
    await pause(40);
  }
}

async function attendQuarantine(): Promise<void> {
  const answer = await http.attempt("GET", "/api/v1/jobs/quarantined?limit=100");
  const kept = (answer?.body ?? []) as Entry[];
  await Promise.all(kept.filter(() => calm || random.chance(0.4)).map(({ job_id: jobId }) => order(jobId)));
}

/** What was sent is noted before: it may be carried out though no answer comes. */
async function order(jobId: string): Promise<void> {
  seen.delete(jobId);
  if (random.chance(0.3)) {
    const { status } = await http.insist("POST", `/api/v1/jobs/${jobId}/discard`);
    if (status === 200) journal.write({ kind: "discarded", jobId });
    return;
  }
  journal.write({ kind: "ordered", jobId });
  const nonce = random.uuid();
  const body = { patch: { [`order_${nonce}`]: true }, ...(calm || random.chance(0.5) ? { state: "done" } : {}) };
  const answer = await http.attempt("POST", `/api/v1/jobs/${jobId}/requeue`, { body });
  if (answer?.status === 200) journal.write({ kind: "requeued", jobId, nonce });
}

async function countQuarantined(): Promise<number> {
  const answer = await http.attempt("GET", "/api/v1/jobs/quarantined?limit=1000");
  return answer === null ? 1 : answer.body.length;
}

/** A job that has ended is looked at now and again later. */
async function lookAtEnded(): Promise<void> {
  if (created.length === 0) return;
  const known = [...seen.keys()];
  const jobId = random.chance(0.5) && known.length > 0 ? random.pick(known) : random.pick(created);
  await look(jobId);
}

async function look(jobId: string): Promise<void> {
  const answer = await http.attempt("GET", `/api/v1/jobs/${jobId}`);
  if (answer === null) return;
  if (answer.status !== 200) return wrong("lost", `the view of job ${jobId} was answered ${answer.status}`);
  if (!["finished", "failed", "cancelled"].includes(answer.body.status)) {
    if (seen.has(jobId)) wrong("doubled", `I6: job ${jobId} had ended and is ${answer.body.status}`);
    return;
  }
  const view = JSON.stringify(answer.body);
  const former = seen.get(jobId);
  if (former !== undefined && former !== view)
    wrong("doubled", `I6: the ended job ${jobId} changed: ${former} ${view}`);
  seen.set(jobId, view);
}

/** At the end, all that were ever seen. */
async function lookAgain(): Promise<void> {
  for (const jobId of [...seen.keys()]) await look(jobId);
  journal.write({ kind: "saw", what: "view of an ended job", count: seen.size });
}

function wrong(how: "lost" | "doubled", text: string): void {
  journal.write({ kind: "wrong", how, text });
}
