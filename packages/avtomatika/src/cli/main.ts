import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { startCommand } from "#cli/start";
import { AvtomatikaError } from "#core/errors";

/** The command line: `argv` without the program's name. What goes wrong is told on stderr and sets the exit code. */
export async function main(argv: string[]): Promise<void> {
  const program = new Command("avtomatika")
    .description("Workflow orchestrator: serves blueprints, keeps their jobs, hands their tasks to workers.")
    .version(readVersion(), "-v, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .showHelpAfterError("(avtomatika --help tells more)")
    .exitOverride()
    .addHelpText("after", `\nBegin with:\n  avtomatika start flow.ts --storage memory\n`)
    .addCommand(startCommand().exitOverride());
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else fail(error);
  }
}

/** Errors that are meant for the user need no stack. */
function fail(error: unknown): void {
  const isOurs = error instanceof AvtomatikaError && error.code !== "internal_error";
  const isSystem = error instanceof Error && "syscall" in error;
  console.error(isOurs || isSystem ? `avtomatika: ${(error as Error).message}` : error);
  process.exitCode = 1;
}

function readVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
