import { InvalidArgumentError, Option } from "commander";
import { variables } from "#config/variables";

/** `--port`, as every command that serves has it. */
export function portOption(): Option {
  return new Option("--port <number>", "port to listen on, 0 for a free one (API_PORT, default 8080)").argParser(
    readPort,
  );
}

/** `--storage`, as every command that opens a store has it. */
export function storageOption(): Option {
  return new Option(
    "--storage <uri>",
    "memory, sqlite:PATH or redis://HOST (STORAGE_URI, default sqlite:.avtomatika/engine.db)",
  );
}

function readPort(text: string): number {
  const { expected, read } = variables.apiPort.kind;
  const port = read(text);
  if (port === undefined) throw new InvalidArgumentError(`Expected ${expected}.`);
  return port;
}
