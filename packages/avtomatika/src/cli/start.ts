import { Console } from "node:console";
import { Command, InvalidArgumentError } from "commander";
import { loadBlueprints } from "#cli/load-blueprints";
import { loadConfig } from "#config/load-config";
import { variables } from "#config/variables";
import { OrchestratorEngine } from "#server/orchestrator-engine";
import { untilSignal } from "#server/until-signal";

interface StartOptions {
  port?: number;
  host?: string;
  storage?: string;
}

/** How long modules may keep the program after the stop. */
const lingerMs = 1000;

const help = `
A folder means its .ts, .mts, .js and .mjs files, without node_modules, dot folders, *.d.ts and *.test.*.
TypeScript runs as it is: types are stripped, so no enums, namespaces or path aliases.

A blueprint file, flow.ts:
  import { StateMachineBlueprint } from "avtomatika";
  export const flow = new StateMachineBlueprint({ name: "flow", apiVersion: "v1", apiEndpoint: "/jobs/flow" });
  flow.handlerFor("start", { isStart: true }, ({ actions }) => actions.transitionTo("end"));
  flow.handlerFor("end", { isEnd: true }, () => {});

Serve it, and create a job:
  avtomatika start flow.ts --storage memory
  curl -X POST http://127.0.0.1:8080/api/v1/jobs/flow?wait=5 -H "X-Client-Token: $CLIENT_TOKEN" --json '{}'

Environment: CLIENT_TOKEN and GLOBAL_WORKER_TOKEN (set both), API_PORT, API_HOST, STORAGE_URI, LOG_LEVEL, LOG_FORMAT=text …
stdout gets one line, the URL, once the engine listens; logs go to stderr. SIGINT or SIGTERM stops it in good order.
`;

/** `avtomatika start <file-or-folder…>` */
export function startCommand(): Command {
  return new Command("start")
    .description("serve every blueprint that the modules export")
    .argument("<file-or-folder...>", "TypeScript or JavaScript modules, or folders of them")
    .option("--port <number>", "port to listen on, 0 for a free one (API_PORT, default 8080)", readPort)
    .option("--host <address>", "address to bind (API_HOST, default 0.0.0.0)")
    .option("--storage <uri>", "memory or sqlite:PATH (STORAGE_URI, default sqlite:.avtomatika/engine.db)")
    .addHelpText("after", help)
    .action(start);
}

async function start(paths: string[], options: StartOptions): Promise<void> {
  // The one line of stdout is the URL, whatever the modules print.
  const { stdout } = process;
  globalThis.console = new Console(process.stderr, process.stderr);
  const { port: apiPort, host: apiHost, storage: storageUri } = options;
  const config = loadConfig({ apiPort, apiHost, storageUri });
  const engine = new OrchestratorEngine({ config });
  for (const blueprint of await loadBlueprints(paths)) engine.registerBlueprint(blueprint);
  const signal = untilSignal();
  await engine.start();
  stdout.write(`${engine.address}\n`);
  await signal;
  await engine.stop();
  // What a module left open (a pool, an interval) must not keep the program.
  setTimeout(() => process.exit(), lingerMs).unref();
}

function readPort(text: string): number {
  const { expected, read } = variables.apiPort.kind;
  const port = read(text);
  if (port === undefined) throw new InvalidArgumentError(`Expected ${expected}.`);
  return port;
}
