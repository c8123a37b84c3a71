import { AvtomatikaError } from "#core/errors";
import type { Address } from "#storage/redis/address";
import { codeOf, ReplicaError, reasonOf } from "#storage/redis/redis-fault";

/**
 * Why a store couldn't be opened, with the remedy: `invalid_config` where something has to be set differently,
 * `store_unavailable` where it may go better next time. `variable` is what the address comes from, if it is one.
 */
export function openFault(error: unknown, address: Address, variable: string | undefined): unknown {
  if (error instanceof AvtomatikaError) return variable === undefined ? error : named(error, variable);
  const what = reasonOf(error);
  const remedy = remedyFor(error, what, address, variable ?? "the address");
  const from = variable === undefined ? "" : `${variable}: `;
  const verb = remedy === null ? "can't reach" : "can't use";
  const message = `${from}${verb} Redis at ${address.where}: ${what.replace(/\.$/, "")}.`;
  const otherwise = isHungUp(error, address)
    ? "Does it want TLS (rediss://)?"
    : `Is the server running, and is the address right?${instead(variable)}`;
  return new AvtomatikaError(
    remedy === null ? "store_unavailable" : "invalid_config",
    `${message} ${remedy ?? otherwise}`,
    {
      cause: error,
    },
  );
}

/** For an address that comes from the engine's settings. */
function instead(variable: string | undefined): string {
  if (variable === undefined) return "";
  const place = variable === "STORAGE_URI" ? "STORAGE_URI (--storage)" : variable;
  return ` Start one there, name another in ${place}, or leave it out: the embedded store needs none.`;
}

/** What a server does that hears no TLS where it expects it; a network may do the same. */
function isHungUp(error: unknown, { login }: Address): boolean {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  const isClosed = code === "ECONNRESET" || name === "SocketClosedUnexpectedlyError";
  return !login.tls && (isClosed || (error as Error).constructor.name === "SocketClosedUnexpectedlyError");
}

/** The same error, named after the variable; an error that doesn't come from the address has its own remedy. */
function named(error: AvtomatikaError, variable: string): AvtomatikaError {
  if (error.message.includes("npm install")) return error;
  return new AvtomatikaError(error.code, `${variable}: ${error.message}`, { cause: error });
}

const untrusted = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
]);

/** What has to be set differently; null where nothing has. */
function remedyFor(error: unknown, what: string, { login, sentinel }: Address, place: string): string | null {
  const code = codeOf(error) ?? String((error as { code?: unknown }).code);
  const hint =
    sentinel === null ? "" : "; those of the Sentinels are REDIS_SENTINEL_USERNAME and REDIS_SENTINEL_PASSWORD";
  if (error instanceof ReplicaError) return `Name the master in ${place}, or the Sentinels in REDIS_SENTINELS.`;
  if (code === "WRONGPASS") return `Check user and password in ${place}${hint}.`;
  if (code === "NOAUTH") return `Put user and password into ${passwordPlace(place)}${hint}.`;
  if (code === "NOPERM") return "Give the user the rights that docs/operations/redis.md names.";
  if (/SELECT is not allowed/.test(what)) return `A cluster has only the database 0: name no other in ${place}.`;
  if (/DB index is out of range/.test(what)) return `Name a database in ${place} that the server has.`;
  if (untrusted.has(code)) return "Name the file of the authority that signed its certificate in NODE_EXTRA_CA_CERTS.";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `Name the server in ${place} as its certificate does.`;
  if (/^CERT_/.test(code)) return "Renew the server's certificate.";
  if (/ALERT_CERTIFICATE_REQUIRED|certificate required/i.test(code + what)) {
    return "Set tls-auth-clients no: this store shows no certificate of its own.";
  }
  if (login.tls && /^ERR_SSL|^EPROTO/.test(code))
    return `Does the server speak TLS at this port? Without it: redis:// in ${place}.`;
  return null;
}

/** `REDIS_HOST` has no place for it. */
function passwordPlace(place: string): string {
  const form = "redis://user:password@host:port";
  return place === "REDIS_HOST" ? `REDIS_URL=${form}` : `${place}: ${form}`;
}
