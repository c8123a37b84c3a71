import type { Blueprints } from "#fleet/blueprints";
import { AvtomatikaError, invalidArgument } from "#http/errors";
import { heed } from "#http/heed";

/** Where jobs are created. */
export class Endpoints {
  readonly #prefix: string;
  readonly #blueprints: Blueprints;
  /** By the blueprint's name; null for one without a route. */
  #paths: ReadonlyMap<string, string | null> = new Map();
  #looking: Promise<void> | null = null;

  /** `prefix` is the API's, without slashes around it. */
  constructor(prefix: string, blueprints: Blueprints) {
    this.#prefix = prefix;
    this.#blueprints = blueprints;
  }

  /**
   * The path for a target: with a slash in it it is a path, below `v1` unless it begins with the API's prefix; else
   * the name of a blueprint, which the engine is asked about once.
   * @throws AvtomatikaError `invalid_argument` for what is neither, or for a blueprint without a route; `not_found`
   */
  async find(target: string, signal: AbortSignal | undefined): Promise<string> {
    if (typeof target !== "string" || target === "") {
      throw invalidArgument(`expected a path or a blueprint's name, got ${JSON.stringify(target) ?? "nothing"}`);
    }
    if (target.includes("/")) return this.#path(target);
    if (!this.#paths.has(target)) await heed(this.#look(), signal);
    const path = this.#paths.get(target);
    if (path == null) throw this.#unusable(target, path);
    return path;
  }

  /** The engine doesn't know the path that was found: the next call asks again. */
  forget(target: string): void {
    const rest = new Map(this.#paths);
    if (rest.delete(target)) this.#paths = rest;
  }

  #path(target: string): string {
    const path = target.replace(/^\//, "");
    if (!/^[^\s?#/]+(\/[^\s?#/]+)*$/.test(path) || /(^|\/)\.\.?(\/|$)/.test(path)) {
      throw invalidArgument(`expected a path like /jobs/name, got ${JSON.stringify(target)}`);
    }
    const isWhole = path.startsWith(`${this.#prefix}/`);
    return encodeURI(isWhole ? `/${path}` : `/${this.#prefix}/v1/${path}`);
  }

  /** One question for all who ask meanwhile. */
  #look(): Promise<void> {
    this.#looking ??= this.#blueprints
      .list()
      .then((list) => {
        this.#paths = new Map(list.map(({ name, path }) => [name, path]));
      })
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  #unusable(target: string, path: null | undefined): AvtomatikaError {
    const name = JSON.stringify(target);
    if (path === null) {
      return invalidArgument(`blueprint ${name} has no apiEndpoint: only engines and other blueprints start it`);
    }
    const names = [...this.#paths].filter(([, each]) => each !== null).map(([each]) => JSON.stringify(each));
    return new AvtomatikaError(
      `there is no blueprint ${name}; the engine has ${names.join(", ") || "none with an apiEndpoint"}. A path has a slash: "/${target}"`,
      { code: "not_found", status: 404 },
    );
  }
}
