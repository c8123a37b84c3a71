// Tasks: queues, hand-out, settlement, joins.
import { type Planted, planted } from "./planted.ts";

const rows = "storage/rows";

export const tasks: readonly Planted[] = [
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
  planted("result of an old attempt accepted", "simulation", [
    `${rows}/judge-settlement.ts`,
    "if (attempt === current && task !== undefined && mayEnd(",
    "if (task !== undefined && mayEnd(",
  ]),
  planted("bell only per type", "simulation", [
    `${rows}/queue.ts`,
    "if (row.head === null) call.bells.push",
    "if (row.head === null && [...call.rows.lanesByHead(row.lane.type)].length === 0) call.bells.push",
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
  planted("priority ignored", "suite", [
    `${rows}/queue.ts`,
    "(1000 - priority) * 2 ** 42 + ",
    "(1000 - priority * 0) * 2 ** 42 + ",
  ]),
  planted("heartbeat overwrites a registration", "simulation", [
    `${rows}/workers.ts`,
    "record !== null && base !== undefined && base !== (known?.version ?? 0)",
    "record !== null && base !== undefined && base < 0",
  ]),
  planted("parked poll misses news during a claim", "tests/scenarios/desk.test.ts", [
    "engine/poll-desk.ts",
    "poll.full = reply.full && poll.news === news;",
    "poll.full = reply.full || poll.news < news;",
  ]),
  planted("answers of a withdrawn task forgotten", "simulation", [
    `${rows}/task-state.ts`,
    "  if (task.past.length === 0) return;\n",
    "  if (task.past.length >= 0) return;\n",
  ]),
];
