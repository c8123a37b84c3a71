import { AvtomatikaError } from "#core/errors";
import { maxShards } from "#core/job-id";
import type { Connection } from "#storage/redis/connection";

/** The layout of the keys. It is raised with every change that an older release couldn't work with. */
export const storeFormat = 1;
/** The first version with sharded channels, by which bells are rung. */
const oldestMajor = 7;

/**
 * Refuses a server that can't be trusted with jobs; answers what is worth a warning.
 * @throws AvtomatikaError `invalid_config`
 */
export async function checkServer(connection: Connection): Promise<string[]> {
  const answers = await connection.ask(["INFO", "everything"]);
  for (const info of answers) {
    refuseOld(info, connection.where);
    refuseEviction(info, connection.where);
  }
  return (await isPersistent(connection, answers)) ? [] : [notPersistent(connection.where)];
}

function refuseOld(info: string, where: string): void {
  const version = field(info, "valkey_version") ?? field(info, "redis_version") ?? "";
  if (Number.parseInt(version, 10) >= oldestMajor) return;
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

async function isPersistent(connection: Connection, answers: string[]): Promise<boolean> {
  if (answers.every((info) => field(info, "aof_enabled") === "1")) return true;
  try {
    const rules = await connection.ask(["CONFIG", "GET", "save"]);
    return rules.every((rule) => /\d/.test(rule));
  } catch {
    // A hosted server may refuse the question; then its operator knows.
    return true;
  }
}

function notPersistent(where: string): string {
  const remedy = "Turn on the append-only file (appendonly yes) or snapshots (save).";
  return `${where} keeps nothing on disk: a restart of it loses every job. ${remedy}`;
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
