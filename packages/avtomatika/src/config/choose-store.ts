import type { Config } from "#config/config";
import { AvtomatikaError } from "#core/errors";

/** Which store an engine uses that was given none. */
export type StoreChoice = { kind: "memory" } | { kind: "sqlite"; path: string } | RedisChoice;

export interface RedisChoice {
  kind: "redis";
  url: string;
  /** Which named it. */
  variable: "STORAGE_URI" | "REDIS_URL" | "REDIS_HOST" | "REDIS_SENTINELS";
  /** Who knows where it is; the address then only says how to meet it. */
  sentinel: { nodes: string[]; name: string; username?: string; password?: string } | null;
  shards: number;
}

const expected = "memory, sqlite:PATH or redis://HOST";

/**
 * `STORAGE_URI`, else `REDIS_SENTINELS`, else `REDIS_URL`, else `REDIS_HOST`, else the file `.avtomatika/engine.db`.
 * @throws AvtomatikaError `invalid_config` for an address that names no store
 */
export function chooseStore(config: Config): StoreChoice {
  if (config.storageUri !== "") return readUri(config);
  if (config.redisSentinels !== "") return readSentinels(config);
  if (config.redisUrl !== "") return readRedis("REDIS_URL", config.redisUrl, config);
  if (config.redisHost !== "") return readHost(config);
  return { kind: "sqlite", path: ".avtomatika/engine.db" };
}

/** `sqlite:///a/b` and `sqlite:/a/b` are `/a/b`; `sqlite:a/b` is relative. */
function readUri(config: Config): StoreChoice {
  const { storageUri: uri } = config;
  if (uri === "memory") return { kind: "memory" };
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(uri)?.[0].toLowerCase();
  if (scheme === "redis" || scheme === "rediss") return readRedis("STORAGE_URI", uri, config);
  const path = scheme === "sqlite" ? uri.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "") : "";
  if (path !== "" && !path.startsWith("//") && !path.includes(":memory:")) return { kind: "sqlite", path };
  // A URI may hold a password: only its scheme is quoted.
  const came = scheme === undefined || scheme === "sqlite" ? JSON.stringify(uri.slice(0, 60)) : `a URI of ${scheme}:`;
  throw new AvtomatikaError("invalid_config", `STORAGE_URI: expected ${expected}, got ${came}`);
}

function readRedis(variable: RedisChoice["variable"], uri: string, { redisShards: shards }: Config): RedisChoice {
  const url = URL.parse(uri);
  const isAddress =
    url !== null && /^rediss?:$/.test(url.protocol) && url.host !== "" && /^(\/\d*)?$/.test(url.pathname);
  if (isAddress) return { kind: "redis", url: uri, variable, sentinel: null, shards };
  const form = "redis://[user:password@]host[:port][/database] or the same with rediss://";
  throw new AvtomatikaError("invalid_config", `${variable}: expected ${form}, got another text`);
}

function readHost(config: Config): RedisChoice {
  const { redisHost, redisPort, redisDb } = config;
  // An IPv6 address stands in brackets.
  const host = redisHost.includes(":") && !redisHost.startsWith("[") ? `[${redisHost}]` : redisHost;
  return readRedis("REDIS_HOST", `redis://${host}:${redisPort}/${redisDb}`, config);
}

/** Of `REDIS_URL` count user, password, database and TLS: where the server is, the Sentinels say. */
function readSentinels(config: Config): RedisChoice {
  const { redisUrl, redisDb, redisSentinelName: name, redisSentinelUsername, redisSentinelPassword } = config;
  const nodes = config.redisSentinels.split(",").map((node) => node.trim());
  const bad = nodes.find((node) => !isHostAndPort(node));
  if (bad !== undefined) {
    // Who takes it for an address may write a password into it.
    const came = bad.includes("@") ? "a text with @" : JSON.stringify(bad);
    const form = "host:port of one or more Sentinels, separated by commas";
    throw new AvtomatikaError("invalid_config", `REDIS_SENTINELS: expected ${form}, got ${came}`);
  }
  const choice =
    redisUrl === ""
      ? readRedis("REDIS_SENTINELS", `redis://sentinels/${redisDb}`, config)
      : readRedis("REDIS_URL", redisUrl, config);
  const username = redisSentinelUsername === "" ? {} : { username: redisSentinelUsername };
  const password = redisSentinelPassword === "" ? {} : { password: redisSentinelPassword };
  return { ...choice, variable: "REDIS_SENTINELS", sentinel: { nodes, name, ...username, ...password } };
}

function isHostAndPort(text: string): boolean {
  const url = URL.parse(`redis://${text}`);
  return url !== null && url.hostname !== "" && !/[@/?#\s]/.test(text);
}
