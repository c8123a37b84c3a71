import { AvtomatikaError } from "#core/errors";
import { refuseUnknown } from "#core/refuse-unknown";

/** A server as it is called. */
export interface Node {
  host: string;
  port: number;
}

/** How every server of a store is met. */
export interface Login {
  username: string | undefined;
  password: string | undefined;
  /** The number of the database; a cluster has only 0. */
  database: number;
  tls: boolean;
}

export interface SentinelOptions {
  /** Sentinels as `host` or `host:port`, port 26379 by default. */
  nodes: readonly string[];
  /** The name by which they know the master. Default `mymaster`. */
  name?: string;
  /** Of the Sentinels themselves; those of the server are in the address. */
  username?: string;
  password?: string;
}

/** Where the store is. */
export interface Address {
  /** As it may stand in a message: without a password. */
  where: string;
  node: Node;
  login: Login;
  /** Those who know which server is the master; the node of the address is not asked then. */
  sentinel: { nodes: Node[]; name: string; login: Login } | null;
}

const redisPort = 6379;
const sentinelPort = 26_379;
const form = "redis://[user:password@]host[:port][/database], or the same with rediss://";

/** @throws AvtomatikaError `invalid_argument`, without quoting what may hold a password */
export function readAddress(text: string, sentinel?: SentinelOptions): Address {
  const url = URL.parse(text);
  const database = /^\/?(\d*)$/.exec(url?.pathname ?? "?")?.[1];
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === "" || database === undefined) {
    throw new AvtomatikaError("invalid_argument", `the address of a Redis store: expected ${form}, got another text`);
  }
  const tls = url.protocol === "rediss:";
  const login = { ...credentialsOf(url), database: Number(database), tls };
  const node = { host: withoutBrackets(url.hostname), port: Number(url.port || redisPort) };
  const sentinels = sentinel === undefined ? null : readSentinel(sentinel, tls);
  const where =
    sentinels === null
      ? `${url.protocol}//${url.host}${url.pathname}`
      : `${url.protocol}//${sentinels.name}${url.pathname} of the Sentinels ${sentinels.nodes.map(nameOf).join(", ")}`;
  return { where, node, login, sentinel: sentinels };
}

/** `host:port`, an IPv6 address in brackets. */
export function nameOf({ host, port }: Node): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function readSentinel(options: SentinelOptions, tls: boolean): Address["sentinel"] {
  refuseUnknown("sentinel", options, ["nodes", "name", "username", "password"]);
  const { nodes, name = "mymaster", username, password } = options;
  if (nodes.length === 0) throw badNodes("nothing");
  return { nodes: nodes.map(readNode), name, login: { username, password, database: 0, tls } };
}

function readNode(text: string): Node {
  const url = URL.parse(`redis://${text}`);
  const isPlain = url !== null && url.hostname !== "" && !/[@/?#\s]/.test(text);
  if (!isPlain) throw badNodes(text.includes("@") ? "a text with @" : JSON.stringify(text));
  return { host: withoutBrackets(url.hostname), port: Number(url.port || sentinelPort) };
}

function badNodes(came: string): AvtomatikaError {
  return new AvtomatikaError("invalid_argument", `sentinel.nodes: expected host:port of at least one, got ${came}`);
}

function credentialsOf({ username, password }: URL): Pick<Login, "username" | "password"> {
  return { username: decode(username), password: decode(password) };
}

function decode(text: string): string | undefined {
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that stands for itself.
    return text;
  }
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}
