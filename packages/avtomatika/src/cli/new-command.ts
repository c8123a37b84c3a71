import { Command } from "commander";

/** A command whose mistakes are thrown, and lead to its own help. */
export function newCommand(name: string): Command {
  return new Command(name)
    .helpOption("-h, --help", "show this help")
    .showHelpAfterError(`(avtomatika ${name} --help tells more)`)
    .exitOverride();
}
