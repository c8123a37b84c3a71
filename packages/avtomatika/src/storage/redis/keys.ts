/**
 * Every key of a shard, with what its name is made of. All of them begin with the shard's hash tag, so that they
 * live in one slot of a cluster and one script may touch them all. No other file spells a key.
 */
const names = {
  meta: [],
  // Jobs
  job: ["id"],
  parts: ["id"],
  ready: ["queue"],
  readyCount: [],
  wake: [],
  expiry: [],
  claim: ["claim"],
  list: ["status", "scope"],
  // Tasks
  task: ["place"],
  taskDue: [],
  taskDelayed: [],
  taskClaim: ["claim"],
  taskOf: ["jobId", "wait"],
  held: ["worker"],
  revoked: [],
  full: [],
  // Lanes
  lane: ["id"],
  lanes: [],
  laneEmpty: [],
  heads: ["type"],
  queue: ["lane"],
  // Fan-outs
  waits: ["jobId"],
  join: ["jobId", "wait"],
  ranges: ["jobId", "wait"],
  rangeDue: [],
  items: ["jobId", "wait"],
  results: ["jobId", "wait"],
  // What clients use up
  charges: [],
  quotas: [],
  buckets: [],
  counterExpiry: [],
  // The rest
  once: ["jobId"],
  dedup: [],
  dedupExpiry: [],
  worker: ["id"],
  workers: [],
  workerExpiry: [],
  standing: ["day"],
  standingDays: [],
} as const satisfies Record<string, readonly string[]>;

/** The hash tag of a shard. */
function tag(shard: number): string {
  return `{av:${shard}}:`;
}

/** The key that names a call's shard to the server, and from which its script makes all others. */
export function metaKey(shard: number): string {
  return `${tag(shard)}meta`;
}

/** A key of a shard that is never there. */
export function absentKey(shard: number): string {
  return `${tag(shard)}absent`;
}

/** The channel of a shard's bells. Databases of one server share their channels, so it names the database. */
export function bellChannel(shard: number, database: number): string {
  return `${tag(shard)}bells${database === 0 ? "" : `:${database}`}`;
}

/** Lua that makes the keys which a script uses: `jobKey(id)`, `joinKey(jobId, wait)` … */
export function keyFunctions(script: string): string {
  const used = Object.entries(names).filter(([name]) => new RegExp(`\\b${name}Key\\(`).test(script));
  const lines = used.map(([name, parts]: [string, readonly string[]]) => {
    const rest = parts.map((part) => ` .. ':' .. ${part}`).join("");
    return `local function ${name}Key(${parts.join(", ")}) return tag .. '${name}'${rest} end`;
  });
  return ["local tag = KEYS[1]:sub(1, -5)", ...lines].join("\n");
}
