import type { FastifyInstance } from "fastify";

/** The routes of an app, so that a wrong method can be told from an unknown path. */
export class KnownRoutes {
  readonly #methods = new Map<string, Set<string>>();
  readonly #patterns = new Map<string, RegExp>();

  /** Takes notice of every route that is added from now on. */
  watch(app: FastifyInstance): void {
    app.addHook("onRoute", ({ url, method }) => {
      const methods = this.#methods.get(url) ?? new Set();
      for (const each of [method].flat()) methods.add(each);
      this.#methods.set(url, methods);
      this.#patterns.set(
        url,
        new RegExp(`^${url.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll(/:[^/]+|\*/g, "[^/]+")}$`),
      );
    });
  }

  /** The methods that a path has. */
  methodsOf(path: string): string[] {
    const found = [...this.#patterns].filter(([, pattern]) => pattern.test(path)).map(([url]) => url);
    return [...new Set(found.flatMap((url) => [...(this.#methods.get(url) ?? [])]))].sort();
  }
}
