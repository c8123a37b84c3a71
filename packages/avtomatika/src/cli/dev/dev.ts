import type { Command } from "commander";
import { type DevOptions, devConfig } from "#cli/dev/dev-config";
import { supervise } from "#cli/dev/supervise";
import { findModules } from "#cli/find-modules";
import { newCommand } from "#cli/new-command";
import { portOption, storageOption } from "#cli/serving-options";
import { chooseStore } from "#config/choose-store";

const help = `
Serves blueprints while you write them: on 127.0.0.1 only, with readable logs. When a module changes, or anything it
imports outside of node_modules, the new version takes over. Jobs and the URL stay: what runs at that moment ends with
the old version, what begins afterwards runs the new one. A module that is broken leaves the last good version
running, and the error says where.

  avtomatika dev flow.ts
  avtomatika dev flows/ --port 0 --storage sqlite:play.db

stdout gets one line, the URL, once the engine listens. Ctrl-C stops everything; a second one at once.
LOG_LEVEL=debug tells more, LOG_FORMAT=json is for machines. All other variables are those of "avtomatika start".
`;

/** `avtomatika dev <file-or-folder…>` */
export function devCommand(): Command {
  return newCommand("dev")
    .description("serve blueprints on 127.0.0.1, and reload them when they change")
    .argument("<file-or-folder...>", "TypeScript or JavaScript modules, or folders of them")
    .addOption(portOption())
    .addOption(storageOption())
    .addHelpText("after", help)
    .action(dev);
}

async function dev(paths: string[], options: DevOptions): Promise<void> {
  // What no change of a module could mend ends it at once.
  const config = devConfig(options);
  const { kind } = chooseStore(config);
  findModules(paths);
  await supervise(paths, options, config, kind === "memory");
}
