import { writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { keepStdout } from "#cli/keep-stdout";
import { leave } from "#cli/leave";
import { type LoadedBlueprint, loadBlueprints } from "#cli/load-blueprints";
import { newCommand } from "#cli/new-command";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { didYouMean } from "#core/nearest";

interface GraphOptions {
  format?: "dot" | "svg";
  blueprint?: string;
  output?: string;
}

const help = `
Draws states and transitions, also of a blueprint that isn't valid yet. No Graphviz is needed for SVG.

  avtomatika graph flow.ts                       DOT on stdout
  avtomatika graph flow.ts --output flow.svg     an SVG file: the ending says the format
  avtomatika graph flows.ts --blueprint videos   one of several
`;

/** `avtomatika graph <file>` */
export function graphCommand(): Command {
  return newCommand("graph")
    .description("draw the state graph of a blueprint, as DOT or SVG")
    .argument("<file>", "the module that exports the blueprint")
    .addOption(new Option("--format <format>", "default: by the ending of --output, else dot").choices(["dot", "svg"]))
    .option("--blueprint <name>", "which one, if there are several")
    .option("--output <file>", "write there instead of stdout")
    .addHelpText("after", help)
    .action(graph);
}

async function graph(path: string, options: GraphOptions): Promise<void> {
  const stdout = keepStdout();
  const { output, format = output?.toLowerCase().endsWith(".svg") ? "svg" : "dot" } = options;
  const { blueprint } = choose(path, await loadBlueprints([path]), options.blueprint);
  const text = await blueprint.renderGraph({ format });
  if (output === undefined) stdout.write(text);
  else writeFileSync(output, text);
  leave();
}

function choose(path: string, loaded: readonly LoadedBlueprint[], name: string | undefined): LoadedBlueprint {
  const names = loaded.map(({ blueprint }) => blueprint.name);
  const found = name === undefined ? loaded : loaded.filter(({ blueprint }) => blueprint.name === name);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const known = names.map(quote).join(", ");
  if (name === undefined) {
    const message = `${path} has ${names.length} blueprints, ${known}: choose one with --blueprint`;
    throw new AvtomatikaError("invalid_argument", message);
  }
  const hint = didYouMean(name, names);
  const message = `${path} has no blueprint ${quote(name)}${hint}${hint === "" ? ";" : ""} it has ${known}`;
  throw new AvtomatikaError("not_found", message);
}
