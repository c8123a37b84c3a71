// What has to happen in every run: an event that didn't is a failure of the demo.
import type { Survey } from "./follow.ts";
import { type Runs, tell, total } from "./runs.ts";

export interface Event {
  name: string;
  /** In words, for the table. */
  told: string;
  happened: boolean;
}

interface Story {
  /** As it has finished. */
  survey: Survey;
  runs: Runs;
  /** How often a worker died. */
  deaths: number;
  /** What was wrong with the jobs in quarantine. */
  quarantined: readonly string[];
}

export function events({ survey, runs, deaths, quarantined }: Story): Event[] {
  const { approval, approved_at, released_at } = survey.stateHistory;
  const retries = runs.retries();
  const statuses = runs.statuses("draw_chart");
  const sleptMs = Date.parse(released_at) - Date.parse(approved_at);
  return [
    event("retried", total(retries) > 0, `${total(retries)} (${tell(retries)})`),
    event("died", deaths > 0, `${deaths} of the unreliable worker; another process took over`),
    event(
      "inherited",
      runs.inherited() > 0,
      `${runs.inherited()} task of the dead worker, handed out again as the same attempt`,
    ),
    event("quarantined", quarantined.length > 0, `${quarantined.length}: ${quarantined.join("; ")}`),
    event("requeued", survey.status === "finished" && "output" in survey.stateHistory, "by an operator, with a patch"),
    event("only on a GPU", isOnly(runs.workersOf("draw_chart"), "gpu"), `draw_chart by ${who(runs, "draw_chart")}`),
    event("not at any price", !runs.workersOf("measure").has("gpu"), `measure by ${who(runs, "measure") || "nobody"}`),
    event("own status", total(statuses) > 0 && !statuses.has("success"), `draw_chart answered ${tell(statuses)}`),
    event("approved", approval?.decision === "approved" && approval.decided_by === null, "by the token of the wait"),
    event("slept", sleptMs >= 1000, `${(sleptMs / 1000).toFixed(1)} s, by a timer`),
  ];
}

/** How many connections each of two engines had had when one was killed, and how many were cut by that. */
interface Handover {
  dead: number;
  alive: number;
  cut: number;
}

/** What has to happen where one of two engines dies; `made`: the connections that the other has had in the end. */
export function engineEvents({ dead, alive, cut }: Handover, made: number): Event[] {
  const later = made - alive;
  return [
    event("shared", dead > 0 && alive > 0, `${dead} and ${alive} connections to the two engines before the kill`),
    event("moved over", cut > 0 && later > 0, `${cut} connections were cut, and ${later} made to the other engine`),
  ];
}

function event(name: string, happened: boolean, told: string): Event {
  return { name, told, happened };
}

function isOnly(workers: ReadonlyMap<string, number>, name: string): boolean {
  return workers.size === 1 && workers.has(name);
}

function who(runs: Runs, type: string): string {
  return [...runs.workersOf(type).keys()].join(", ");
}
