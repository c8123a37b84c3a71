// The contract itself, for somebody who writes a worker of their own.
import { registration, type Static, violations } from "@avtomatika/protocol";

const body: Static<typeof registration> = { worker_id: "mine-1", supported_tasks: ["greet"] };
const wrong = violations(registration, { ...body, supported_tasks: "greet" });
if (violations(registration, body).length > 0 || wrong.length !== 1) throw new Error(`not judged: ${wrong.join()}`);
