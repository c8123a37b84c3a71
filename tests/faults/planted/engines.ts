// Several engines over one store: takeover, what they tell each other, rolling upgrades.
import { type Planted, planted } from "./planted.ts";

const takeover = "tests/scenarios/takeover.test.ts";
const signs = "tests/scenarios/fleet-signs.test.ts";
const rolling = "tests/scenarios/rolling-upgrade.test.ts";
const strategies = "tests/scenarios/strategies-across-engines.test.ts";

export const engines: readonly Planted[] = [
  planted("nobody looks when a dead engine's lease ends", takeover, [
    "storage/rows/claim-jobs.ts",
    "  return call.rows.nextJobDue();",
    "  return earliest(call.rows.nextJobDue(), null) === null ? null : null;",
  ]),
  planted("an engine that stops keeps its leases", takeover, [
    "engine/engine.ts",
    "await this.#unlessAway(() => leases.release(rest));",
    "void rest;\n    await this.#unlessAway(() => leases.release([]));",
  ]),
  planted("signs of life count at one engine only", signs, [
    "engine/registry.ts",
    "      if (worker !== undefined) noteStored(worker, seenAt);",
    "      if (worker === undefined) noteStored(this.#known(id), seenAt);",
  ]),
  planted("a worker is lost on hearsay", signs, [
    "engine/settling.ts",
    "    if (tasks.some(({ task }) => this.#seemsLost(task as TaskRecord))) await refreshWorkers();\n",
    "    if (tasks.length < 0 && this.#seemsLost(tasks[0]?.task as TaskRecord)) await refreshWorkers();\n",
  ]),
  planted("signs of life stop with the first", "suite", [
    "storage/rows/workers.ts",
    "return { signs: call.rows.workersBeyond(input.after).map(({ id, seenAt }) => ({ id, seenAt })) };",
    "return { signs: call.rows.workersBeyond(input.after).slice(0, 1).map(({ id, seenAt }) => ({ id, seenAt })) };",
  ]),
  planted("a put-off job is left to its timer", rolling, [
    "engine/hear-bell.ts",
    "      parts.wanted.hear(bell);\n",
    "",
  ]),
  planted("a put-off job is forgotten while no slot is free", rolling, [
    "engine/wanted-states.ts",
    "      if (runner.stopping || runner.running.free === 0) return;\n      this.#wanted.delete(jobId);",
    "      this.#wanted.delete(jobId);\n      if (runner.stopping || runner.running.free === 0) return;",
  ]),
  planted("engines don't hear who asks elsewhere", strategies, [
    "engine/other-desks.ts",
    "    this.#asking.set(worker, engine);\n",
    "    this.#asking.delete(worker + engine);\n",
  ]),
  planted("turns are each engine's own", strategies, [
    "engine/other-desks.ts",
    "      known?.hadTask(type, at);\n",
    "      void [type, at];\n",
  ]),
  planted("a newcomer isn't told whose turn it is", strategies, [
    "engine/other-desks.ts",
    "    if (isNew) this.#tellAll();\n",
    "    void isNew;\n",
  ]),
  planted("a better worker is waited for again and again", strategies, [
    "engine/held-lanes.ts",
    "if (gotSome && hold !== undefined) this.#options.others.forget(hold.awaited);",
    "void gotSome;",
  ]),
];
