// Access, answers and bounds of the HTTP server.
import { type Planted, planted } from "./planted.ts";

const clientsFile = "tests/e2e/http/clients-file.test.ts";
const workersFile = "tests/e2e/http/workers-file.test.ts";
const reload = "tests/e2e/http/reload.test.ts";

export const server: readonly Planted[] = [
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
