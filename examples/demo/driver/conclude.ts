// The end of a run: what happened, side by side with what should have.
import { computeDirectly, differences, figures, readReport } from "./compare.ts";
import { events } from "./events.ts";
import type { Folders, Subject } from "./folders.ts";
import { describe, type Survey } from "./follow.ts";
import type { Processes } from "./processes.ts";
import { Runs } from "./runs.ts";
import type { Site } from "./site.ts";
import { print } from "./table.ts";

export interface Facts {
  subject: Subject;
  /** As it was when the engine was killed. */
  atKill: Survey;
  site: Pick<Site, "rows" | "events">;
  survey: Survey;
  children: readonly Pick<Survey, "blueprintName" | "jobId" | "status">[];
  deaths: number;
  quarantined: readonly string[];
  /** How workers and engine ended, and a Redis of their own. */
  codes: readonly (number | string)[];
}

/** Prints tables and verdict; resolves with true if there is nothing to complain of. */
export async function conclude(facts: Facts, folders: Folders, processes: Processes): Promise<boolean> {
  const { survey, subject, atKill, site, codes } = facts;
  const { report: file = "", archive = "", chart = "none" } = survey.result?.published ?? {};
  const report = readReport(file);
  const { folder, leaveOut } = subject;
  const direct = await computeDirectly(processes, [folder, JSON.stringify(leaveOut), folders.root, archive]);
  const runs = new Runs(folders.notes);
  const happened = [...site.events(), ...events({ ...facts, runs })];
  print([
    ...[survey, ...facts.children].map((job) => ["job", `${job.blueprintName} ${job.jobId}: ${job.status}`] as const),
    ["path chosen", survey.stateHistory["chosen"]],
    ["open at the kill", openAt(atKill)],
    ...site.rows(),
    ["tasks", runs.tasks()],
    ["runs per task", runs.distribution()],
    ...runs.byWorker().map(([worker, types]) => [`worker ${worker}`, types] as const),
    ["report", file],
    ["archive", archive === "" ? "none" : `${archive} (${direct.archive.entries} entries)`],
    ["chart", chart],
  ]);
  print(happened.map(({ name, told }) => [name, told] as const));
  print([["", "report".padStart(16) + "direct".padStart(16)], ...figures(report, direct)]);

  const problems = [
    ...happened.filter((event) => !event.happened).map(({ name, told }) => `"${name}" did not happen: ${told}`),
    ...differences(report, direct),
    ...processes.left().map((pid) => `process ${pid} is left`),
    ...codes.filter((how) => how !== 0).map((how) => `a process ended with ${how} instead of 0`),
  ];
  for (const problem of problems) console.error(`DIFFERENCE ${problem}`);
  if (problems.length > 0) return false;
  folders.tidy();
  console.log("The report agrees with the direct computation, and no process is left.");
  return true;
}

function openAt(atKill: Survey): string {
  const { waitingFor } = atKill;
  return waitingFor?.kind === "branches" ? `${waitingFor.open} of ${waitingFor.total} tasks` : describe(atKill);
}
