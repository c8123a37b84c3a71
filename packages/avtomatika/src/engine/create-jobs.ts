import type { BlueprintDefinition } from "#core/definition";
import type { NewJob } from "#core/job";
import { jobIdIn, shardOfKey } from "#core/job-id";
import { checkInput } from "#engine/check-input";
import type { Creation, CreationResult } from "#engine/orchestrator";
import type { Runner } from "#engine/runner";
import { requestPatienceMs, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { CreateJobs, Storage } from "#storage/storage";

export interface CreateWorld {
  storage: Storage;
  caller: StoreCaller;
  world: World;
  runner: Runner;
  /** How long an idempotency key is remembered. */
  idempotencyTtlMs: number;
  blueprint: (name: string) => BlueprintDefinition | undefined;
}

type Entry = CreateJobs["jobs"][number];

/** Creates jobs, those of one shard in one call; each is created or refused on its own, in the order given. */
export async function createJobs(creations: readonly Creation[], create: CreateWorld): Promise<CreationResult[]> {
  const results: CreationResult[] = [];
  const byShard = new Map<number, { at: number; entry: Entry }[]>();
  for (const [at, creation] of creations.entries()) {
    const definition = create.blueprint(creation.blueprint);
    const checked = await checkInput(definition?.inputSchema, creation.initialData);
    if ("issues" in checked) {
      results[at] = { outcome: "invalid", issues: checked.issues };
      continue;
    }
    const { shard, entry } = entryOf({ ...creation, initialData: checked.data }, definition, create);
    byShard.set(shard, [...(byShard.get(shard) ?? []), { at, entry }]);
  }
  await Promise.all(
    [...byShard].map(async ([shard, entries]) => {
      const jobs = entries.map(({ entry }) => entry);
      const reply = await create.runner.lend(jobs.length, (lease) =>
        create.caller.call(() => create.storage.createJobs({ shard, jobs, lease }), requestPatienceMs),
      );
      for (const [index, { at }] of entries.entries()) results[at] = reply.results[index] as CreationResult;
    }),
  );
  return results;
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
      client,
      metadata,
      trace,
      parentWait: null,
      dispatchTimeoutMs,
      resultTimeoutMs,
      unchecked: false,
    },
  };
}
