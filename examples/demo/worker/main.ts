// A worker of the demo, a process of its own: WORKER_ID says which of the three. The SDK reads ORCHESTRATOR_URL and
// WORKER_TOKEN itself; NOTES is a file that gets a line when a task begins, and one when it ends.
import { Worker } from "@avtomatika/worker";
import { type Note, note } from "../notes.ts";
import type { Mishap } from "./mishap.ts";
import { roles } from "./roles.ts";

const { WORKER_ID: name = "", NOTES: notes = "" } = process.env;
const role = roles[name];
if (role === undefined) throw new Error(`WORKER_ID: expected one of ${Object.keys(roles).join(", ")}, got "${name}"`);

const worker = new Worker({ ...role.options, maxConcurrentTasks: 4 });
for (const [type, perform] of Object.entries(role.tasks)) {
  worker.task<Mishap["params"]>(type, async (params, { jobId, attempt, signal }) => {
    const { part = null } = params;
    const tell = (event: string): void => note(notes, { worker: name, job: jobId, type, part, attempt, event });
    tell("began");
    try {
      role.mishap?.({ type, attempt, params });
      const result = await perform(params, signal);
      tell(result.status ?? "success");
      return result;
    } catch (error) {
      tell((error as { code?: Note["event"] }).code ?? "TRANSIENT_ERROR");
      throw error;
    }
  });
}

// The driver holds the other end of stdin: when it is gone, so is the reason to work.
process.stdin.on("end", () => process.exit(1)).resume();
await worker.run();
process.exit(0);
