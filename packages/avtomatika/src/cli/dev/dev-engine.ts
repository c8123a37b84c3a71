import type { Command } from "commander";
import { type DevOptions, devConfig } from "#cli/dev/dev-config";
import type { Order, Told } from "#cli/dev/messages";
import { trackModules } from "#cli/dev/track-modules";
import { keepStdout } from "#cli/keep-stdout";
import { loadBlueprints } from "#cli/load-blueprints";
import { newCommand } from "#cli/new-command";
import { registerBlueprints } from "#cli/register-blueprints";
import { portOption, storageOption } from "#cli/serving-options";
import { tellError } from "#cli/tell-error";
import { AvtomatikaError } from "#core/errors";
import { OrchestratorEngine } from "#server/orchestrator-engine";

/** `avtomatika dev-engine`: the process that `dev` starts for each version of the modules. */
export function devEngineCommand(): Command {
  return newCommand("dev-engine")
    .description("used by dev")
    .argument("<file-or-folder...>")
    .addOption(portOption())
    .addOption(storageOption())
    .action(devEngine);
}

/** Loads, waits for the order to serve (the former engine has to let go of the store), serves until the order to stop. */
async function devEngine(paths: string[], options: DevOptions): Promise<void> {
  if (process.send === undefined)
    throw new AvtomatikaError("invalid_argument", "dev-engine is started by avtomatika dev");
  keepStdout();
  const engine = new OrchestratorEngine({ config: devConfig(options) });
  // Ctrl-C reaches every process of a terminal: the supervisor decides.
  process.on("SIGINT", () => {});
  const stop = stopper(engine);
  process.on("SIGTERM", () => stop());
  process.on("disconnect", () => stop());
  process.on("message", (order: Order) => {
    if (order === "stop") stop();
    else void serve(engine);
  });
  await load(engine, paths);
}

async function load(engine: OrchestratorEngine, paths: string[]): Promise<void> {
  const files = trackModules();
  let isGood = true;
  try {
    registerBlueprints(engine, await loadBlueprints(paths));
  } catch (error) {
    console.error(`avtomatika: ${tellError(error)}`);
    isGood = false;
  }
  await tell({ kind: "loaded", isGood, files: Object.fromEntries(files) });
  if (!isGood) process.exit(1);
}

async function serve(engine: OrchestratorEngine): Promise<void> {
  try {
    await engine.start();
  } catch (error) {
    console.error(`avtomatika: ${tellError(error)}`);
    process.exit(1);
  }
  const url = engine.address;
  await tell({ kind: "listens", url, port: Number(new URL(url).port) });
}

/** In good order the first time, at once the second. What modules left open keeps nobody. */
function stopper(engine: OrchestratorEngine): () => void {
  let isStopping = false;
  return () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    engine.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`avtomatika: ${tellError(error)}`);
        process.exit(1);
      },
    );
  };
}

/** A supervisor that is gone hears nothing. */
function tell(message: Told): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve();
    process.send(message, undefined, undefined, () => resolve());
  });
}
