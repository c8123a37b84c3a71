// npm run demo: measures the files of a folder with an engine or two, three workers and a kill in the middle.
// Ends with 0 only if all that should happen did, the report agrees with a direct computation, and no process is left.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { AvtomatikaClient } from "@avtomatika/client";
import { approve } from "./driver/approve.ts";
import { conclude } from "./driver/conclude.ts";
import { Fleet } from "./driver/fleet.ts";
import { Folders, readSubject, type Subject } from "./driver/folders.ts";
import { describe, follow, isAmid } from "./driver/follow.ts";
import { startOneEngine } from "./driver/one-engine.ts";
import { sendOn } from "./driver/operator.ts";
import { help, readOptions, type StorageName } from "./driver/options.ts";
import { Processes } from "./driver/processes.ts";
import { Progress } from "./driver/progress.ts";
import { startTwoEngines } from "./driver/two-engines.ts";
import { goFile } from "./go-file.ts";

try {
  const { folder, storage, help: asks } = readOptions(process.argv.slice(2), process.env);
  if (asks) console.log(help);
  else process.exitCode = (await run(readSubject(folder), storage)) ? 0 : 1;
} catch (error) {
  console.error(`\nthe demo failed: ${(error as Error).message}`);
  process.exitCode = 1;
}

async function run(subject: Subject, storage: StorageName): Promise<boolean> {
  const name = `${process.pid}-${Date.now()}`;
  const folders = new Folders();
  const processes = new Processes(name, folders.root);
  for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
    process.once(signal, () => {
      processes.killAll();
      process.exit(code);
    });
  }
  try {
    return await demo(subject, storage, name, folders, processes);
  } catch (error) {
    console.error(`\n${processes.logs()}\nthe logs are in ${folders.root}`);
    throw error;
  } finally {
    processes.killAll();
  }
}

async function demo(
  subject: Subject,
  storage: StorageName,
  name: string,
  folders: Folders,
  processes: Processes,
): Promise<boolean> {
  const progress = new Progress();
  const tell = (text: string) => progress.tell(text);
  const tokens = { CLIENT_TOKEN: `client-${name}`, GLOBAL_WORKER_TOKEN: `worker-${name}` };
  tell(`measuring ${subject.folder}`);
  const startSite = storage === "redis" ? startTwoEngines : startOneEngine;
  const site = await startSite({ processes, folders, tokens, tell });
  const { url } = site;

  const client = new AvtomatikaClient({ url, token: tokens.CLIENT_TOKEN });
  const env = { ORCHESTRATOR_URL: url, WORKER_TOKEN: tokens.GLOBAL_WORKER_TOKEN, NOTES: folders.notes };
  const fleet = new Fleet(processes, env, (worker, pid) => tell(`worker ${worker} died: ${pid} takes over`));
  const workers = ["reliable", "unreliable", "gpu"];
  tell(`workers ${workers.map((worker) => `${worker} ${fleet.hire(worker)}`).join(", ")}`);
  while ((await client.workers.list()).length < workers.length) await pause(20);

  const { folder, leaveOut } = subject;
  const data = { folder, leaveOut, work: folders.work, output: folders.misspelled };
  const { jobId } = await client.jobs.create("/jobs/survey", data, { idempotencyKey: name });
  tell(`job ${jobId}`);

  const atKill = await follow(client, jobId, progress, isAmid);
  const killed = await site.kill();
  tell(`${killed}: ${describe(atKill)}`);
  writeFileSync(join(folders.work, goFile), "");
  tell(await site.goOn());
  tell("(a task that was on its way to a worker at the kill is handed out again within 10 s)");

  const asking = await follow(client, jobId, progress, ({ status }) => status === "waiting_for_human");
  tell(`approving: ${await approve(url, asking)}`);
  await follow(client, jobId, progress, ({ status }) => status === "quarantined");
  const quarantined = await sendOn(client, { output: folders.output });
  tell(`requeued from quarantine, where it was since ${quarantined.join("; ")}`);
  const survey = await follow(client, jobId, progress, ({ status }) => status === "finished");
  const children = await Promise.all(survey.childJobIds.map((child) => client.jobs.get(child)));

  tell("stopping workers and engine");
  await client.close();
  const codes = (await Promise.all([fleet.stop(), site.stop()])).flat();
  const { deaths } = fleet;
  return conclude({ subject, atKill, site, survey, children, deaths, quarantined, codes }, folders, processes);
}
