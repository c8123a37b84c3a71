import type { JobView } from "#testing/job-view";
import type { SimulationFacts } from "#testing/simulate";
import { messageOf } from "#testing/worker-errors";

/** A seed broke an expectation; `cause` is what was thrown. */
export class SimulationError extends Error {
  override readonly name = "SimulationError";
  readonly seed: number;

  constructor(cause: unknown, job: JobView, facts: SimulationFacts) {
    const faults = Object.entries(facts.faults).map(([name, count]) => `${name} ${count}×`);
    const states = facts.history.map(({ state, eventType }) => `${state} (${eventType})`);
    const lines = [
      `seed ${facts.seed} breaks an expectation: ${messageOf(cause)}`,
      `the job is ${job.status} in state "${job.currentState}"${job.errorMessage === null ? "" : `: ${job.errorMessage}`}`,
      `its history: ${states.join(", ")}; handlers began to run ${facts.runs} times`,
      `what went wrong: ${faults.join(", ") || "nothing"}`,
      `to replay it: simulate(flow, { …, seed: ${facts.seed} })`,
    ];
    super(lines.join("\n"), { cause });
    this.seed = facts.seed;
  }
}
