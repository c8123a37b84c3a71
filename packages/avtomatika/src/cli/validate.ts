import type { Command } from "commander";
import { keepStdout } from "#cli/keep-stdout";
import { leave } from "#cli/leave";
import { type LoadedBlueprint, tryLoad } from "#cli/load-blueprints";
import { newCommand } from "#cli/new-command";
import { placeOf } from "#cli/place-of";
import { tellError } from "#cli/tell-error";
import type { BlueprintDefinition, StateDefinition } from "#core/definition";
import { quote } from "#core/describe";
import { creationPath, refuseCollisions } from "#server/paths";

const help = `
Loads the modules as "start" does, and checks every blueprint they export: no server, no store, no job.
What is in order is told on stdout, problems on stderr; the exit code is 0 only if there are none. Warnings don't count.

  avtomatika validate flow.ts
  avtomatika validate flows/ && git commit

stdout for a blueprint:
  flow.ts:2: blueprint "flow" is valid
    endpoint: /v1/jobs/flow
    states: start (start), end (end)
    warning: …
`;

/** `avtomatika validate <file-or-folder…>` */
export function validateCommand(): Command {
  return newCommand("validate")
    .description("check every blueprint that the modules export, without serving them")
    .argument("<file-or-folder...>", "TypeScript or JavaScript modules, or folders of them")
    .addHelpText("after", help)
    .action(validate);
}

async function validate(paths: string[]): Promise<void> {
  const stdout = keepStdout();
  const { loaded, faults } = await tryLoad(paths);
  const problems = faults.map(tellError);
  const definitions: BlueprintDefinition[] = [];
  for (const each of loaded) {
    try {
      const { warnings } = each.blueprint.validate();
      const definition = each.blueprint.define();
      refuseCollisions([...definitions, definition]);
      definitions.push(definition);
      stdout.write(describeBlueprint(each, definition, warnings));
    } catch (error) {
      problems.push(`${placeOf(each)}: ${tellError(error)}`);
    }
  }
  for (const problem of problems) console.error(`avtomatika: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
  leave();
}

function describeBlueprint(
  loaded: LoadedBlueprint,
  definition: BlueprintDefinition,
  warnings: readonly string[],
): string {
  const lines = [
    `${placeOf(loaded)}: blueprint ${quote(definition.name)} is valid`,
    `  endpoint: ${creationPath(definition) ?? "none"}`,
    `  states: ${[...definition.states.values()].map(describeState).join(", ")}`,
    ...warnings.map((warning) => `  warning: ${warning}`),
  ];
  return `${lines.join("\n")}\n`;
}

function describeState({ name, isStart, isEnd, outcome }: StateDefinition): string {
  const end = outcome === "failure" ? "end, failure" : "end";
  const marks = [...(isStart ? ["start"] : []), ...(isEnd ? [end] : [])];
  return marks.length === 0 ? name : `${name} (${marks.join(", ")})`;
}
