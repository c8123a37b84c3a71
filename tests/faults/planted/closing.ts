// Joins that close over several calls.
import { type Planted, planted } from "./planted.ts";

const rows = "storage/rows";
const scripts = "storage/redis/scripts";
const sqliteClosing = "packages/avtomatika/test/storage/sqlite-closing.test.ts";

export const closing: readonly Planted[] = [
  planted("a closing join's task is handed out again", "simulation", [
    `${rows}/claim-tasks.ts`,
    '  if (join.state !== "open") {\n    closeLeftOver',
    '  if (join.state !== "open" && join.total < 0) {\n    closeLeftOver',
  ]),
  planted("a closing join's task is handed out by a repeated poll", "suite", [
    `${rows}/claim-tasks.ts`,
    'joinOf(call, task).state === "open"',
    'task.state !== "revoked"',
  ]),
  planted("result of a branch counts though its join is closing", "simulation", [
    `${rows}/judge-settlement.ts`,
    'result === undefined && join.state !== "open") return cancelled(',
    'result === undefined && join.state !== "open" && task?.rev === stored?.rev) return cancelled(',
  ]),
  planted("rest of a closing forgotten", "simulation", [
    `${rows}/close-join.ts`,
    "else call.rows.putClosing({ ...closing, next: rest.index });",
    "else call.rows.removeClosing(closing);",
  ]),
  planted("nobody goes on with a closing", "simulation", [
    `${rows}/claim-jobs.ts`,
    "  goOnClosing(call, shareOf(call, due.length + jobs.length + tasks.length));\n",
    "  void goOnClosing;\n  void shareOf;\n",
  ]),
  planted("engines not told of a closing", "simulation", [
    `${rows}/close-join.ts`,
    "  if (!isThrough) wake(call, call.now);\n",
    "  void isThrough;\n  void wake;\n",
  ]),
  planted("retry of a closing join queued", "suite", [
    `${rows}/due-tasks.ts`,
    "if (!isOpen(call, task) || isOverdue(call, task)) continue;",
    "if (isOverdue(call, task)) continue;",
  ]),
  planted("lease of a closing join judged as if it were open", "suite", [
    `${rows}/due-tasks.ts`,
    "const taken = due.filter((task) => isOpen(call, task));",
    "const taken = due;",
  ]),
  planted("task of a closing join given back to its lane", "suite", [
    `${rows}/workers.ts`,
    'if ((call.rows.join(jobId, wait) as JoinRecord).state === "open") giveBack',
    'if (task.state !== "revoked" && call.rows.join(jobId, wait) !== undefined) giveBack',
  ]),
  planted("job removed before its joins are closed", "suite", [
    `${rows}/purge.ts`,
    "let left = input.limit - goOnClosing(call, input.limit);",
    "let left = input.limit;\n  void goOnClosing;",
  ]),
  planted("closing forgotten by a crash", sqliteClosing, [
    "storage/sqlite/sqlite-closings.ts",
    "  putClosing({ jobId, wait, at, next }: ClosingRow): void {\n    this.#statements.put(jobId, wait, at, next);",
    "  putClosing({ jobId, wait, at, next }: ClosingRow): void {\n    if (next < 0) this.#statements.put(jobId, wait, at, next);",
  ]),
  planted("a closing join's task is handed out again on Redis", "redis suite", [
    `${scripts}/claim-tasks.lua`,
    "  if join.state ~= 'open' then\n    closeLeftOver",
    "  if join.state == 'none' then\n    closeLeftOver",
  ]),
  planted("result of a branch counts though its join is closing on Redis", "redis suite", [
    `${scripts}/settle-tasks.lua`,
    "  if isCurrent and not result and join.state ~= 'open' then",
    "  if isCurrent and not result and join.state ~= 'open' and task and task.rev == tonumber(task.stored.rev) then",
  ]),
];
