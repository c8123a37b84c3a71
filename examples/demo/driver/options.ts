// What the command line asks for.
import { parseArgs } from "node:util";

const storages = ["sqlite", "redis"] as const;
export type StorageName = (typeof storages)[number];

export interface Options {
  /** As it was given; by default the repo is measured. */
  folder: string | undefined;
  storage: StorageName;
  help: boolean;
}

export const help = `npm run demo -- [FOLDER] [--storage sqlite|redis]

Measures every file of FOLDER (default: this repo), draws and packs what it found, and publishes that.

  --storage sqlite   the embedded store (default): the one engine is killed amid the work, and started again
  --storage redis    a Redis of its own: one of two engines behind a load balancer is killed, and the other goes on
  --help             this text

It ends with 0 only if the report agrees with a direct computation and no process is left.`;

/** Throws for what it doesn't know, with what it does. `env` is npm's: it keeps options that lack the two dashes. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  if (env["npm_config_storage"] !== undefined) {
    throw new Error(
      "npm took --storage for an option of its own: write two dashes before, npm run demo -- --storage redis",
    );
  }
  const known = { storage: { type: "string" }, help: { type: "boolean", short: "h" } } as const;
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: known,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const unknown = tokens.find((token) => token.kind === "option" && !(token.name in known));
  if (unknown?.kind === "option") throw new Error(`there is no option ${unknown.rawName}, only --storage and --help`);
  if (positionals.length > 1)
    throw new Error(`one folder is measured, got ${positionals.length}: ${positionals.join(", ")}`);
  return { folder: positionals[0], storage: readStorage(values.storage ?? "sqlite"), help: values.help === true };
}

function readStorage(given: string | boolean): StorageName {
  const found = storages.find((name) => name === given);
  if (found !== undefined) return found;
  const came = given === true ? "nothing" : `"${given}"`;
  const why = given === "memory" ? ": memory would end with the engine that is killed" : "";
  throw new Error(`--storage: expected ${storages.join(" or ")}, got ${came}${why}`);
}
