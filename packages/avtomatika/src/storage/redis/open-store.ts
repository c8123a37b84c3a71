import { AvtomatikaError } from "#core/errors";
import { maxShards } from "#core/job-id";
import type { Server } from "#storage/redis/links";
import { reasonOf } from "#storage/redis/redis-fault";

/** The layout of the keys. It is raised with every change that an older release couldn't work with. */
export const storeFormat = 1;
/** The first version with sharded channels, by which bells are rung. */
const oldestMajor = 7;

/**
 * Refuses a server that can't be trusted with jobs; answers what is worth a warning.
 * @throws AvtomatikaError `invalid_config`
 */
export async function checkServer({ ask, where }: Server): Promise<string[]> {
  const told = await ask(["INFO", "everything"]).then(String, (error: unknown) => ({ error }));
  if (typeof told !== "string") {
    const unknown = `version, maxmemory-policy and persistence of ${where} can't be checked: ${reasonOf(told.error)}`;
    return [
      `${unknown}. See to it that it is Redis 7 or later, that maxmemory-policy is noeviction and appendonly yes.`,
    ];
  }
  refuseOld(told, where);
  refuseEviction(told, where);
  if (field(told, "aof_enabled") === "1") return [];
  return ask(["CONFIG", "GET", "save"]).then(
    (rules) => (/\d/.test(JSON.stringify(rules)) ? [onlySnapshots(where)] : [notPersistent(where)]),
    // A hosted server may refuse the question.
    (error: unknown) => [
      `${where} has no append-only file, and whether it makes snapshots can't be checked: ${reasonOf(error)}. ` +
        "See to it that it keeps what it acknowledged (appendonly yes).",
    ],
  );
}

function refuseOld(info: string, where: string): void {
  const version = field(info, "valkey_version") ?? field(info, "redis_version");
  // Who doesn't say is judged by what it can do.
  if (version === undefined || Number.parseInt(version, 10) >= oldestMajor) return;
  const message = `${where} is Redis ${version}; ${oldestMajor}.0 or later is needed (or Valkey)`;
  throw new AvtomatikaError("invalid_config", message);
}

/** A server that drops keys when its memory is full would drop jobs. */
function refuseEviction(info: string, where: string): void {
  const policy = field(info, "maxmemory_policy");
  if (policy === undefined || policy === "noeviction") return;
  const remedy = "Set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in its configuration file).";
  const message = `${where} may drop jobs when its memory is full: its maxmemory-policy is ${policy}. ${remedy}`;
  throw new AvtomatikaError("invalid_config", message);
}

function notPersistent(where: string): string {
  const remedy = "Turn on the append-only file (appendonly yes; with appendfsync always nothing is lost).";
  return `${where} keeps nothing on disk: a restart of it loses every job. ${remedy}`;
}

function onlySnapshots(where: string): string {
  const remedy = "Turn on the append-only file (appendonly yes).";
  return `${where} only makes snapshots: a restart of it loses what came after the last one. ${remedy}`;
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
}

/** @throws AvtomatikaError `store_format` for a store of a later release */
export function checkFormat(format: number, where: string): void {
  if (format <= storeFormat) return;
  const what = `${where} has store format ${format}, this release of avtomatika reads up to ${storeFormat}.`;
  const remedy = "Start the release that wrote it or a later one, or name another database.";
  throw new AvtomatikaError("store_format", `${what} ${remedy}`);
}

/** @throws AvtomatikaError `invalid_argument` */
export function checkShards(shards: number): void {
  if (Number.isInteger(shards) && shards >= 1 && shards <= maxShards) return;
  throw new AvtomatikaError(
    "invalid_argument",
    `shards: expected a whole number from 1 to ${maxShards}, got ${shards}`,
  );
}
