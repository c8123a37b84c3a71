import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { backupCommand } from "#cli/backup";
import { devCommand } from "#cli/dev/dev";
import { devEngineCommand } from "#cli/dev/dev-engine";
import { graphCommand } from "#cli/graph";
import { startCommand } from "#cli/start";
import { tellError } from "#cli/tell-error";
import { validateCommand } from "#cli/validate";

const help = `
Begin with:
  avtomatika dev flow.ts

Then:
  avtomatika validate flow.ts                    is it right?
  avtomatika graph flow.ts --output flow.svg     what does it look like?
  avtomatika start flow.ts                       serve it; jobs are kept in .avtomatika/engine.db
  avtomatika backup copy.db                      copy that file while the engine runs

avtomatika start --help shows a first flow.ts.
`;

/** The command line: `argv` without the program's name. What goes wrong is told on stderr and sets the exit code. */
export async function main(argv: string[]): Promise<void> {
  const program = new Command("avtomatika")
    .description("Workflow orchestrator: serves blueprints, keeps their jobs, hands their tasks to workers.")
    .version(readVersion(), "-v, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .showHelpAfterError("(avtomatika --help tells more)")
    .exitOverride()
    .addHelpText("after", help)
    .addCommand(startCommand())
    .addCommand(devCommand())
    .addCommand(validateCommand())
    .addCommand(graphCommand())
    .addCommand(backupCommand())
    .addCommand(devEngineCommand(), { hidden: true });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else fail(error);
  }
}

function fail(error: unknown): void {
  console.error(`avtomatika: ${tellError(error)}`);
  process.exitCode = 1;
}

function readVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
