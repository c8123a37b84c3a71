import type { Caller, CallOptions } from "#http/caller";
import { camelCase } from "#http/camel-case";
import { checkOptions } from "#http/check-options";
import { readObjects } from "#http/read-answer";

export interface BlueprintEntry {
  name: string;
  apiVersion: string | null;
  apiEndpoint: string | null;
  /** Where its jobs are created; null for one that has no route. */
  path: string | null;
  states: string[];
}

/** The blueprints that the engine has. */
export class Blueprints {
  readonly #caller: Caller;
  readonly #path: string;

  constructor(caller: Caller, base: string) {
    this.#caller = caller;
    this.#path = `${base}/blueprints`;
  }

  async list(options: CallOptions = {}): Promise<BlueprintEntry[]> {
    checkOptions("blueprints.list", options, ["signal"]);
    const answer = await this.#caller.call({ method: "GET", path: this.#path, ...options });
    return readObjects(answer).map((entry) => camelCase(entry) as unknown as BlueprintEntry);
  }
}
