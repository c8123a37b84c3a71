import type { Config } from "#config/config";
import { AvtomatikaError } from "#core/errors";

/** Which store an engine uses that was given none. */
export type StoreChoice = { kind: "memory" } | { kind: "sqlite"; path: string } | { kind: "redis"; url: string };

const expected = "memory, sqlite:PATH or redis://HOST";

/**
 * `STORAGE_URI`, else `REDIS_URL`, else `REDIS_HOST`, else the file `.avtomatika/engine.db`.
 * @throws AvtomatikaError `invalid_config` for an address that names no store
 */
export function chooseStore(config: Config): StoreChoice {
  if (config.storageUri !== "") return readUri(config.storageUri);
  if (config.redisUrl !== "") return readRedis("REDIS_URL", config.redisUrl);
  if (config.redisHost !== "") return readHost(config);
  return { kind: "sqlite", path: ".avtomatika/engine.db" };
}

/** Where the address of the store that `chooseStore` chooses comes from, as messages call it. */
export function storeVariable({ storageUri, redisUrl }: Config): string {
  if (storageUri !== "") return "STORAGE_URI (--storage)";
  return redisUrl !== "" ? "REDIS_URL" : "REDIS_HOST and REDIS_PORT";
}

/** `sqlite:///a/b` and `sqlite:/a/b` are `/a/b`; `sqlite:a/b` is relative. */
function readUri(uri: string): StoreChoice {
  if (uri === "memory") return { kind: "memory" };
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(uri)?.[0].toLowerCase();
  if (scheme === "redis" || scheme === "rediss") return readRedis("STORAGE_URI", uri);
  const path = scheme === "sqlite" ? uri.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "") : "";
  if (path !== "" && !path.startsWith("//") && !path.includes(":memory:")) return { kind: "sqlite", path };
  // A URI may hold a password: only its scheme is quoted.
  const came = scheme === undefined || scheme === "sqlite" ? JSON.stringify(uri.slice(0, 60)) : `a URI of ${scheme}:`;
  throw new AvtomatikaError("invalid_config", `STORAGE_URI: expected ${expected}, got ${came}`);
}

function readRedis(variable: string, uri: string): StoreChoice {
  const url = URL.parse(uri);
  const isAddress =
    url !== null && /^rediss?:$/.test(url.protocol) && url.host !== "" && /^(\/\d*)?$/.test(url.pathname);
  if (isAddress) return { kind: "redis", url: uri };
  const form = "redis://[user:password@]host[:port][/database] or the same with rediss://";
  throw new AvtomatikaError("invalid_config", `${variable}: expected ${form}, got another text`);
}

function readHost({ redisHost, redisPort, redisDb }: Config): StoreChoice {
  // An IPv6 address stands in brackets.
  const host = redisHost.includes(":") && !redisHost.startsWith("[") ? `[${redisHost}]` : redisHost;
  return readRedis("REDIS_HOST", `redis://${host}:${redisPort}/${redisDb}`);
}
