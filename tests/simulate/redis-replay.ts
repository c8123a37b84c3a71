import { readdirSync } from "node:fs";
import { most } from "avtomatika/internal/storage/redis/chunks";
import { packAll } from "avtomatika/internal/storage/redis/codec";
import { bellChannel } from "avtomatika/internal/storage/redis/keys";
import { RedisStorage } from "avtomatika/internal/storage/redis/redis-storage";
import { scriptOf } from "avtomatika/internal/storage/redis/scripts";
import type { Bell } from "avtomatika/internal/storage/storage";
import { audit } from "avtomatika/internal/storage/testkit/audit";
import {
  comparableBells,
  comparableDump,
  comparableReply,
  textOf,
} from "../../packages/avtomatika/test/storage/comparable.ts";
import { askRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { firstDifference } from "./first-difference.ts";
import type { Recording } from "./recording.ts";

const scripts = new URL("../../packages/avtomatika/src/storage/redis/scripts/", import.meta.url);
/** Calls that may take more than one script: the next one has to wait until they are through. */
const inParts: ReadonlySet<string> = new Set(["listJobs", "purge", "readResults", "listWorkers", "readStandings"]);
const longest = Math.min(...Object.values(most));
/** Differences of one seed that are worth telling. */
const mostTold = 5;

type Admin = Awaited<ReturnType<typeof askRedis>>;

/** Makes the calls of a simulation on a real Redis, at the times at which they were made, and compares all answers. */
export class RedisReplay {
  readonly #url: string;
  readonly #database: number;
  readonly #admin: Admin;

  private constructor(url: string, database: number, admin: Admin) {
    this.#url = `${url}/${database}`;
    this.#database = database;
    this.#admin = admin;
  }

  /** In a database of the server that is nobody else's. */
  static async connect(url: string, database: number): Promise<RedisReplay> {
    const admin = await askRedis(`${url}/${database}`);
    // A script that the server doesn't know is sent a second time, behind later calls.
    for (const file of readdirSync(scripts)) {
      if (file.endsWith(".lua")) await admin.ask("SCRIPT", "LOAD", scriptOf(file.slice(0, -".lua".length)).text);
    }
    return new RedisReplay(url, database, admin);
  }

  close(): void {
    this.#admin.close();
  }

  /** What differs: answers, bells, or what is left in the store. */
  async run({ calls, bells, dump, shards }: Recording): Promise<string[]> {
    await this.#admin.ask("FLUSHDB");
    let now = calls[0]?.now ?? 0;
    const store = new RedisStorage(this.#url, { clock: () => now, shards, warn: () => {} });
    const heard: Bell[] = [];
    store.listen((bell) => heard.push(bell));
    await store.open();
    try {
      const differences: string[] = [];
      const answers: Promise<void>[] = [];
      for (const [at, call] of calls.entries()) {
        now = call.now;
        const answer = compare(store, call).then((difference) => {
          if (difference !== null) differences.push(`call ${at + 1} at ${call.now}: ${difference}`);
        });
        answers.push(answer);
        if (inParts.has(call.method) || hasLongList(call.input)) await answer;
      }
      await Promise.all(answers);
      if (differences.length > 0) return differences.slice(0, mostTold);
      await this.#hearAll(shards, heard);
      const rung = compareBells(heard, bells);
      if (rung.length > 0) return rung.slice(0, mostTold);
      const left = await store.inspect();
      const remains = firstDifference(comparableDump(left), comparableDump(dump));
      return [...(remains === null ? [] : [`what is left: ${remains}`]), ...audit(left)].slice(0, mostTold);
    } finally {
      await store.close();
    }
  }

  /** Bells come in the order in which they were rung: whoever hears these messages has heard those before them. */
  async #hearAll(shards: number, heard: Bell[]): Promise<void> {
    const marks = Array.from({ length: shards }, (_, shard): Bell => ({ kind: "workers", version: -1 - shard }));
    for (const [shard, mark] of marks.entries()) {
      await this.#admin.ask("SPUBLISH", bellChannel(shard, this.#database), packAll([mark]));
    }
    const isMark = (bell: Bell): boolean => bell.kind === "workers" && bell.version < 0;
    while (heard.filter(isMark).length < shards) await new Promise((resolve) => setImmediate(resolve));
    heard.splice(0, heard.length, ...heard.filter((bell) => !isMark(bell)));
  }
}

/** Makes the call at once; resolves with what differs in its answer. */
async function compare(store: RedisStorage, { method, input, reply }: Recording["calls"][number]) {
  const found = await (store[method] as (input: unknown) => Promise<object>)(input).catch((error: unknown) => ({
    error: String(error),
  }));
  const difference = firstDifference(comparableReply(method, found), comparableReply(method, reply as object));
  if (difference === null) return null;
  const told = { input, redis: found, memory: reply };
  return [
    `${method} differs in ${difference}`,
    ...Object.entries(told).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
  ].join("\n");
}

/** Bells that one of the stores rang more often. */
function compareBells(redis: readonly Bell[], memory: readonly Bell[]): string[] {
  const counts = new Map<string, { redis: number; memory: number }>();
  for (const [name, bells] of Object.entries({ redis, memory })) {
    for (const bell of comparableBells(bells)) {
      const text = textOf(bell);
      const count = counts.get(text) ?? { redis: 0, memory: 0 };
      count[name as "redis" | "memory"] += 1;
      counts.set(text, count);
    }
  }
  const unequal = [...counts].filter(([, count]) => count.redis !== count.memory);
  return unequal.map(([bell, count]) => `Redis rang ${count.redis} times, memory ${count.memory} times: ${bell}`);
}

/** A long list goes to the server in parts. */
function hasLongList(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) && value.length >= longest) return true;
  return Object.values(value).some(hasLongList);
}
