import type { LoadedBlueprint } from "#cli/load-blueprints";
import { placeOf } from "#cli/place-of";
import { AvtomatikaError } from "#core/errors";
import type { OrchestratorEngine } from "#server/orchestrator-engine";

/** Gives an engine its blueprints. Throws `invalid_blueprint` with the place of the one that has a problem. */
export function registerBlueprints(engine: OrchestratorEngine, loaded: readonly LoadedBlueprint[]): void {
  for (const each of loaded) {
    try {
      engine.registerBlueprint(each.blueprint);
    } catch (error) {
      if (!isInvalidBlueprint(error)) throw error;
      throw new AvtomatikaError("invalid_blueprint", `${placeOf(each)}: ${error.message}`, { cause: error });
    }
  }
}

/** By its code: the blueprint may come from a copy of the package of its own. */
function isInvalidBlueprint(error: unknown): error is Error {
  return error instanceof Error && (error as { code?: unknown }).code === "invalid_blueprint";
}
