import type { BlueprintDefinition } from "#core/definition";
import type { NewJob } from "#core/job";
import { jobIdIn, shardOfKey } from "#core/job-id";
import { checkInput } from "#engine/check-input";
import type { Creation, CreationResult } from "#engine/orchestrator";
import type { Quota } from "#engine/quota";
import type { Runner } from "#engine/runner";
import { requestPatienceMs, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { CreateJobs, Storage } from "#storage/storage";

export interface CreateWorld {
  storage: Storage;
  caller: StoreCaller;
  world: World;
  runner: Runner;
  quota: Quota;
  /** How long an idempotency key is remembered. */
  idempotencyTtlMs: number;
  blueprint: (name: string) => BlueprintDefinition | undefined;
}

type Entry = CreateJobs["jobs"][number];

/** A creation that is well-formed, and the job it would make. */
interface Draft {
  at: number;
  creation: Creation;
  shard: number;
  entry: Entry;
}

/** Creates jobs, those of one shard in one call; each is created or refused on its own, in the order given. */
export async function createJobs(creations: readonly Creation[], create: CreateWorld): Promise<CreationResult[]> {
  const { results, refunds } = await tryAll(creations, create);
  const late = results.flatMap(({ outcome }, at) => (outcome === "over_quota" ? [at] : []));
  if (refunds === 0 || late.length === 0) return results;
  // Repeats held units that others of this batch were refused for.
  const again = await tryAll(
    late.map((at) => creations[at] as Creation),
    create,
  );
  for (const [index, at] of late.entries()) results[at] = again.results[index] as CreationResult;
  return results;
}

/** `refunds`: how many units were given back. */
async function tryAll(
  creations: readonly Creation[],
  create: CreateWorld,
): Promise<{ results: CreationResult[]; refunds: number }> {
  const results: CreationResult[] = [];
  const drafts: Draft[] = [];
  for (const [at, creation] of creations.entries()) {
    const definition = create.blueprint(creation.blueprint);
    const checked = await checkInput(definition?.inputSchema, creation.initialData);
    if ("issues" in checked) results[at] = { outcome: "invalid", issues: checked.issues };
    else drafts.push({ at, creation, ...entryOf({ ...creation, initialData: checked.data }, definition, create) });
  }
  const charges = chargesOf(drafts);
  if (charges.length === 0) {
    await insert(drafts, results, create);
    return { results, refunds: 0 };
  }
  const refused = new Set<Draft>();
  for (const { owner, limit, drafts: own } of charges) {
    const { ids, retryAfterMs } = await create.quota.charge(owner, limit, own.map(idOf));
    for (const draft of own) {
      if (ids.has(idOf(draft))) continue;
      results[draft.at] = { outcome: "over_quota", retryAfterMs };
      refused.add(draft);
    }
  }
  await findRepeats([...refused], results, create);
  await insert(
    drafts.filter((draft) => !refused.has(draft)),
    results,
    create,
  );
  let refunds = 0;
  for (const { owner, drafts: own } of charges) {
    const unused = own.filter((draft) => !refused.has(draft) && results[draft.at]?.outcome !== "created");
    if (unused.length > 0) await create.quota.refund(owner, unused.map(idOf));
    refunds += unused.length;
  }
  return { results, refunds };
}

/** The drafts of each client that has a quota. */
function chargesOf(drafts: readonly Draft[]): { owner: string; limit: number; drafts: Draft[] }[] {
  const charges = new Map<string, { owner: string; limit: number; drafts: Draft[] }>();
  for (const draft of drafts) {
    const { id: owner, monthlyAttempts: limit } = draft.creation.client;
    if (limit === null) continue;
    const charge = charges.get(owner) ?? { owner, limit, drafts: [] };
    charge.drafts.push(draft);
    charges.set(owner, charge);
  }
  return [...charges.values()];
}

/** Who has no unit left may still repeat what was created before. */
async function findRepeats(drafts: readonly Draft[], results: CreationResult[], create: CreateWorld): Promise<void> {
  const keyed = drafts.flatMap((draft) => (draft.entry.dedup === null ? [] : [{ draft, dedup: draft.entry.dedup }]));
  await eachShard(
    keyed.map(({ draft, dedup }) => ({ shard: draft.shard, draft, dedup })),
    async (shard, own) => {
      const keys = own.map(({ dedup: { key, fingerprint } }) => ({ key, fingerprint }));
      const find = () => create.storage.findCreated({ shard, keys });
      const { results: found } = await create.caller.call(find, requestPatienceMs);
      for (const [index, { draft }] of own.entries()) {
        const former = found[index];
        if (former != null) results[draft.at] = former as CreationResult;
      }
    },
  );
}

async function insert(drafts: readonly Draft[], results: CreationResult[], create: CreateWorld): Promise<void> {
  await eachShard(drafts, async (shard, entries) => {
    const jobs = entries.map(({ entry }) => entry);
    const reply = await create.runner.lend(jobs.length, (lease) =>
      create.caller.call(() => create.storage.createJobs({ shard, jobs, lease }), requestPatienceMs),
    );
    for (const [index, { at }] of entries.entries()) results[at] = reply.results[index] as CreationResult;
  });
}

async function eachShard<T extends { shard: number }>(
  all: readonly T[],
  act: (shard: number, own: T[]) => Promise<void>,
): Promise<void> {
  const byShard = new Map<number, T[]>();
  for (const one of all) byShard.set(one.shard, [...(byShard.get(one.shard) ?? []), one]);
  await Promise.all([...byShard].map(([shard, own]) => act(shard, own)));
}

function idOf({ entry }: Draft): string {
  return entry.job.id;
}

/** A job with a key lives where its key leads, so that its repeat finds it; others anywhere. */
function entryOf(
  creation: Creation,
  definition: BlueprintDefinition | undefined,
  create: CreateWorld,
): { shard: number; entry: Entry } {
  const { idempotency, client } = creation;
  const { shards } = create.storage;
  const key = idempotency === null ? null : JSON.stringify([client.id, idempotency.key]);
  const shard = key === null ? Math.floor(create.world.random() * shards) : shardOfKey(key, shards);
  const dedup =
    idempotency === null || key === null
      ? null
      : { key, fingerprint: idempotency.fingerprint, ttlMs: create.idempotencyTtlMs };
  return { shard, entry: { job: newJob(creation, jobIdIn(create.world.uuid(), shard), definition), dedup } };
}

function newJob(creation: Creation, id: string, definition: BlueprintDefinition | undefined): NewJob {
  const { initialData, client, metadata, trace, dispatchTimeoutMs, resultTimeoutMs } = creation;
  return {
    id,
    blueprint: creation.blueprint,
    owner: client.id,
    parentId: null,
    priority: creation.priority,
    state: definition?.startState ?? "",
    watched: creation.watched,
    initial: {
      data: initialData,
      client: { id: client.id, plan: client.plan, params: client.params },
      metadata,
      trace,
      parentWait: null,
      dispatchTimeoutMs,
      resultTimeoutMs,
      unchecked: false,
    },
  };
}
