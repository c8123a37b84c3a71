/**
 * A job's id has the form of a UUIDv7 whose last three hex digits are the number of its shard, so that its shard
 * can be read from it.
 */
export const maxShards = 4096;

/** Puts a job id into a shard. `uuid` is any UUID text. */
export function jobIdIn(uuid: string, shard: number): string {
  return uuid.slice(0, -3) + shard.toString(16).padStart(3, "0");
}

/** The shard of a job id; 0 for a text that is no job id (no such job will be found there). */
export function shardOf(jobId: string, shards: number): number {
  const shard = /^[0-9a-f-]{33}[0-9a-f]{3}$/.test(jobId) ? Number.parseInt(jobId.slice(-3), 16) : 0;
  return shard < shards ? shard : 0;
}

/** The shard for a key that must always lead to the same one: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function shardOfKey(key: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % shards;
}
