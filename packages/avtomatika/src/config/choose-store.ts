import type { Config } from "#config/config";
import { AvtomatikaError } from "#core/errors";

/** Which store an engine uses that was given none. */
export type StoreChoice = { kind: "memory" } | { kind: "sqlite"; path: string };

const remedy = "this version has the memory and SQLite stores: use STORAGE_URI=memory or STORAGE_URI=sqlite:PATH";

/**
 * `STORAGE_URI`, else `REDIS_URL`, else `REDIS_HOST`, else the file `.avtomatika/engine.db`.
 * @throws AvtomatikaError `invalid_config` for a store that this version doesn't have
 */
export function chooseStore(config: Config): StoreChoice {
  if (config.storageUri !== "") return readUri(config.storageUri);
  if (config.redisUrl !== "") throw new AvtomatikaError("invalid_config", `REDIS_URL is set, but ${remedy}`);
  if (config.redisHost !== "") throw new AvtomatikaError("invalid_config", `REDIS_HOST is set, but ${remedy}`);
  return { kind: "sqlite", path: ".avtomatika/engine.db" };
}

/** `sqlite:///a/b` and `sqlite:/a/b` are `/a/b`; `sqlite:a/b` is relative. */
function readUri(uri: string): StoreChoice {
  if (uri === "memory") return { kind: "memory" };
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(uri)?.[0].toLowerCase();
  if (scheme === "redis" || scheme === "rediss") {
    throw new AvtomatikaError("invalid_config", `STORAGE_URI names Redis, but ${remedy}`);
  }
  const path = scheme === "sqlite" ? uri.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "") : "";
  if (path !== "" && !path.startsWith("//") && !path.includes(":memory:")) return { kind: "sqlite", path };
  // A URI may hold a password: only its scheme is quoted.
  const came = scheme === undefined || scheme === "sqlite" ? JSON.stringify(uri.slice(0, 60)) : `a URI of ${scheme}:`;
  throw new AvtomatikaError("invalid_config", `STORAGE_URI: expected memory or sqlite:PATH, got ${came}`);
}
