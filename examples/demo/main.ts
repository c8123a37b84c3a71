// npm run demo [-- FOLDER]: measures the files of a folder with an engine, three workers and a kill in the middle.
// Ends with 0 only if the report agrees with a direct computation and no process is left.
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Api, type Job } from "./api.ts";
import { type Direct, differences, figures, readReport } from "./compare.ts";
import { countRuns } from "./count-runs.ts";
import { leftovers, mark } from "./leftovers.ts";
import { end, endOf, firstLine, outputOf, type Started, start } from "./process.ts";
import { Progress } from "./progress.ts";
import { goFile } from "./tasks.ts";

const here = dirname(fileURLToPath(import.meta.url));
const repo = dirname(dirname(here));
const workerCount = 3;
/** Without a step forward for so long something is wrong. */
const patienceMs = 600_000;
const ends = ["finished", "failed", "cancelled", "quarantined"];
/** The repo's own folder has some more that is no source. */
const leaveOut = { always: [".git", "node_modules"], inRepo: ["coverage", "dist", ".avtomatika"] };

const folder = readFolder(process.argv[2]);
const leftOut = [...leaveOut.always, ...(folder === repo ? leaveOut.inRepo : [])];
const root = realpathSync(mkdtempSync(join(tmpdir(), "avtomatika-demo-")));
const place = {
  work: join(root, "work"),
  output: join(root, "published"),
  store: join(root, "store", "engine.db"),
  executions: join(root, "executions.jsonl"),
};
for (const path of [place.work, place.output, dirname(place.store)]) mkdirSync(path);
appendFileSync(place.executions, "");

const run = `${process.pid}-${Date.now()}`;
const tokens = { CLIENT_TOKEN: `client-${run}`, GLOBAL_WORKER_TOKEN: `worker-${run}` };
const started: Started[] = [];
const progress = new Progress();
for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
  process.once(signal, () => {
    killAll();
    process.exit(code);
  });
}

try {
  process.exitCode = (await demo()) ? 0 : 1;
} catch (error) {
  console.error(`\nthe demo failed: ${(error as Error).message}\nits logs are in ${root}`);
  process.exitCode = 1;
} finally {
  killAll();
}

async function demo(): Promise<boolean> {
  progress.tell(`measuring ${folder}`);
  let engine = await startEngine(0);
  progress.tell(`engine ${engine.pid} at ${engine.url}, its store is ${place.store}`);
  const workers = Array.from({ length: workerCount }, (_, at) => startWorker(`worker-${at + 1}`, engine.url));
  progress.tell(`workers ${workers.map(({ pid }) => pid).join(", ")}`);
  const api = new Api(engine.url, tokens.CLIENT_TOKEN);
  const { work, output } = place;
  const id = await api.create("/api/v1/jobs/survey", { folder, work, output, leaveOut: leftOut });
  progress.tell(`job ${id}`);

  const atKill = await follow(api, id, isAmid);
  engine.child.kill("SIGKILL");
  await engine.ended;
  progress.tell(`the engine was killed (SIGKILL): ${describe(atKill)}`);
  writeFileSync(join(place.work, goFile), "");
  const killedAt = performance.now();
  engine = await startEngine(Number(new URL(engine.url).port));
  const back = `${((performance.now() - killedAt) / 1000).toFixed(1)} s later`;
  progress.tell(`engine ${engine.pid} is back on the same file, ${back}: ${describe(await api.job(id))}`);
  progress.tell("(a task that was on its way to a worker at the kill is handed out again within 10 s)");

  const asked = await follow(api, id, ({ status }) => status === "waiting_for_human");
  progress.tell(`approving: ${asked.waiting_for?.message}`);
  await api.decide(id, "approved");
  const job = await follow(api, id, ({ status }) => status === "finished");
  const children = await Promise.all(job.child_job_ids.map((child) => api.job(child)));

  progress.tell("stopping engine and workers");
  const codes = await Promise.all([...workers, engine].map(end));
  const direct = await computeDirectly(job);
  return conclude({ atKill, jobs: [job, ...children], back, codes, direct });
}

interface Facts {
  atKill: Job;
  jobs: Job[];
  back: string;
  codes: (number | string)[];
  direct: Direct;
}

function conclude({ atKill, jobs, back, codes, direct }: Facts): boolean {
  const [survey] = jobs as [Job];
  const { report: file, archive } = survey.result as { report: string; archive: string };
  const report = readReport(file);
  const runs = countRuns(place.executions);
  const { total = 0, open = 0 } = atKill.waiting_for ?? {};
  print([
    ...jobs.map((job): [string, string] => ["job", `${job.blueprint_name} ${job.job_id}: ${job.status}`]),
    ["path chosen", survey.state_history.chosen ?? ""],
    ["open at the kill", atKill.waiting_for?.kind === "branches" ? `${open} of ${total} tasks` : describe(atKill)],
    ["engine back", back],
    ["tasks", `${runs.tasks} (${runs.byType})`],
    ["runs per task", runs.distribution],
    ["retried", `${runs.retried} (attempts after the first)`],
    ["report", file],
    ["archive", `${archive} (${direct.archive.entries} entries)`],
  ]);
  print([["", "report".padStart(16) + "direct".padStart(16)], ...figures(report, direct)]);

  const left = leftovers(
    run,
    started.map(({ pid }) => pid),
  );
  const problems = [
    ...differences(report, direct),
    ...left.map((pid) => `process ${pid} is left`),
    ...codes.filter((how) => how !== 0).map((how) => `a process ended with ${how} instead of 0`),
  ];
  for (const problem of problems) console.error(`DIFFERENCE ${problem}`);
  if (problems.length > 0) return false;
  for (const path of [place.work, dirname(place.store)]) rmSync(path, { recursive: true });
  console.log("The report agrees with the direct computation, and no process is left.");
  return true;
}

async function startEngine(port: number): Promise<Started & { url: string }> {
  const command = join(repo, "packages", "avtomatika", "bin", "avtomatika.js");
  const storage = `sqlite:${place.store}`;
  const args = [command, "start", join(here, "blueprints.ts"), "--host", "127.0.0.1", "--storage", storage];
  const engine = spawnPart("engine", [...args, "--port", String(port)], { ...tokens, LOG_FORMAT: "text" });
  return { ...engine, url: await firstLine(engine) };
}

function startWorker(name: string, url: string): Started {
  return spawnPart(name, [join(here, "worker.ts")], {
    ENGINE_URL: url,
    WORKER_TOKEN: tokens.GLOBAL_WORKER_TOKEN,
    WORKER_ID: name,
    EXECUTIONS: place.executions,
  });
}

async function computeDirectly(job: Job): Promise<Direct> {
  const archive = String(job.result?.archive);
  const args = [join(here, "direct.ts"), folder, JSON.stringify(leftOut), root, archive];
  return JSON.parse(await outputOf(spawnPart("direct", args, {}))) as Direct;
}

function spawnPart(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Started {
  const part = start(name, args, { ...env, [mark]: run }, join(root, `${name}.log`));
  started.push(part);
  return part;
}

function killAll(): void {
  for (const { child } of started) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
}

/** Shows a job's way until it is where it should be. Rejects if it ends elsewhere or stands still. */
async function follow(api: Api, id: string, isThere: (job: Job) => boolean): Promise<Job> {
  let shown = "";
  let movedAt = performance.now();
  for (;;) {
    const job = await api.job(id);
    if (isThere(job)) return job;
    if (ends.includes(job.status)) throw new Error(`the job ended as ${job.status}: ${job.error_message}`);
    const text = describe(job);
    if (text !== shown) movedAt = performance.now();
    else if (performance.now() - movedAt > patienceMs) {
      throw new Error(`nothing has moved for ${patienceMs / 1000} s: ${await api.explain(id)}\n${logs()}`);
    }
    shown = text;
    progress.show(text);
    await pause(20);
  }
}

/** Amid the fan-out, only its held tasks left; a folder without files has no task there, and is killed later. */
function isAmid({ waiting_for: waiting }: Job): boolean {
  if (waiting?.kind === "human") return true;
  const { kind, total = 0, open = 0 } = waiting ?? {};
  return kind === "branches" && open <= Math.max(10, Math.floor(total / 2));
}

function describe({ current_state: state, waiting_for: waiting }: Job): string {
  if (waiting === null) return state;
  if (waiting.kind !== "branches") return `${state}, waiting for ${waiting.kind}`;
  const { total = 0, open = 0 } = waiting;
  const width = 30;
  const done = Math.round(((total - open) / Math.max(total, 1)) * width);
  return `${state} ${"#".repeat(done)}${".".repeat(width - done)} ${total - open} of ${total} done, ${open} open`;
}

function logs(): string {
  return started.map(({ name, log }) => `--- ${name}\n${endOf(log)}`).join("\n");
}

function print(rows: readonly [string, string][]): void {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  console.log(`\n${rows.map(([name, value]) => name.padEnd(width) + value).join("\n")}`);
}

function readFolder(argument: string | undefined): string {
  // npm changes to the repo's folder first: a relative path means where the user stands.
  const { INIT_CWD: userFolder = ".", npm_lifecycle_event: script } = process.env;
  const path = argument === undefined ? repo : resolve(script === "demo" ? userFolder : ".", argument);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    console.error(`there is no folder ${path}`);
    process.exit(1);
  }
  return realpathSync(path);
}
