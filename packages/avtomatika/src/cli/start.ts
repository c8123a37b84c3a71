import type { Command } from "commander";
import { keepStdout } from "#cli/keep-stdout";
import { leave } from "#cli/leave";
import { loadBlueprints } from "#cli/load-blueprints";
import { newCommand } from "#cli/new-command";
import { registerBlueprints } from "#cli/register-blueprints";
import { portOption, storageOption } from "#cli/serving-options";
import { loadConfig } from "#config/load-config";
import { OrchestratorEngine } from "#server/orchestrator-engine";
import { reloadOnHangup } from "#server/reload-on-hangup";
import { untilSignal } from "#server/until-signal";

interface StartOptions {
  port?: number;
  host?: string;
  storage?: string;
}

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
  return newCommand("start")
    .description("serve every blueprint that the modules export")
    .argument("<file-or-folder...>", "TypeScript or JavaScript modules, or folders of them")
    .addOption(portOption())
    .option("--host <address>", "address to bind (API_HOST, default 0.0.0.0)")
    .addOption(storageOption())
    .addHelpText("after", help)
    .action(start);
}

async function start(paths: string[], options: StartOptions): Promise<void> {
  const stdout = keepStdout();
  const { port: apiPort, host: apiHost, storage: storageUri } = options;
  const config = loadConfig({ apiPort, apiHost, storageUri });
  const engine = new OrchestratorEngine({ config });
  registerBlueprints(engine, await loadBlueprints(paths));
  const signal = untilSignal();
  reloadOnHangup(engine);
  await engine.start();
  stdout.write(`${engine.address}\n`);
  await signal;
  await engine.stop();
  leave();
}
