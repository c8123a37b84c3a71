import { builtInEnds } from "#core/blueprint/ends";
import type { BlueprintDefinition } from "#core/definition";
import type { JobEvent, Waiting } from "#core/job";
import type { Json } from "#core/json";
import { hasEnded } from "#core/status";
import type { EndWatchers } from "#engine/end-watchers";
import type { Caller } from "#engine/orchestrator";
import type { Runner } from "#engine/runner";
import { requestPatienceMs, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Delivered, JobDetails, LeasedJob, LeaseRequest, Storage } from "#storage/storage";

export interface JobAccessWorld {
  storage: Storage;
  caller: StoreCaller;
  world: World;
  runner: Runner;
  watchers: EndWatchers;
  blueprint: (name: string) => BlueprintDefinition | undefined;
}

export interface Decision {
  decision: string;
  comment: string | null;
  metadata: Json;
}

/** What clients may do with single jobs. */
export class JobAccess {
  readonly #access: JobAccessWorld;

  constructor(access: JobAccessWorld) {
    this.#access = access;
  }

  /** The one check of who may see a job: its owner and admins; to others it doesn't exist. */
  async find(who: Caller | null, jobId: string, watch = false): Promise<JobDetails | null> {
    const { caller, storage } = this.#access;
    const { found } = await caller.call(() => storage.getJob({ jobId, watch }), requestPatienceMs);
    if (found === null || who === null) return found;
    return who.admin || found.job.owner === who.clientId ? found : null;
  }

  /** The job, once it has ended or the time is over. */
  async wait(who: Caller, jobId: string, waitMs: number, signal: AbortSignal): Promise<JobDetails | null> {
    const { world, watchers } = this.#access;
    const until = world.elapsed() + waitMs;
    for (;;) {
      // It listens before it looks, so that an end in between is not missed.
      const ended = watchers.watch(jobId, Math.max(0, until - world.elapsed()), signal);
      const found = await this.find(who, jobId, true);
      if (found === null || hasEnded(found.job.status) || signal.aborted || world.elapsed() >= until) {
        ended.stop();
        return found;
      }
      // Whoever ended it here knows how: the store need not be asked again.
      const details = await ended.done;
      if (details !== null) return details;
    }
  }

  async cancel(who: Caller, jobId: string): Promise<"accepted" | "ended" | "unknown"> {
    const { runner, caller, storage, world } = this.#access;
    if ((await this.find(who, jobId)) === null) return "unknown";
    const id = world.uuid();
    const reply = await this.#runAtOnce(jobId, (lease) =>
      caller.call(() => storage.cancelJob({ jobId, id, lease }), requestPatienceMs),
    );
    if (reply.running) runner.running.get(jobId)?.interrupt("cancelled");
    return reply.outcome === "closed" ? "ended" : reply.outcome;
  }

  /** `who` null: the bearer of the wait's token, which the caller has checked. */
  async decide(details: JobDetails, by: string | null, decision: Decision) {
    const waiting = details.job.head.waiting;
    const open = details.job.wait !== null && details.job.cancel === null && waiting?.kind === "human";
    if (!open) return { outcome: "closed" as const, allowed: [] };
    const allowed = Object.keys((waiting as Extract<Waiting, { kind: "human" }>).transitions);
    if (!allowed.includes(decision.decision)) return { outcome: "invalid" as const, allowed };
    const { world, caller } = this.#access;
    const event: JobEvent = {
      id: world.uuid(),
      wait: details.job.wait as number,
      kind: "decision",
      ...decision,
      decidedBy: by,
      at: caller.clock.now(),
    };
    return { outcome: await this.#deliver(details.job.id, event), allowed };
  }

  async requeue(details: JobDetails, order: { state: string | null; patch: Json | undefined }) {
    const { job } = details;
    const kind = job.head.waiting?.kind;
    const states = [...(this.#access.blueprint(job.blueprint)?.states.keys() ?? []), ...builtInEnds];
    // A job that is put off for an unknown state takes a requeue only with a state that is known.
    const mayGo = job.wait !== null && (kind === "operator" || (kind === "blueprint" && order.state !== null));
    if (!mayGo) return { outcome: "closed" as const, states };
    if (order.state !== null && !states.includes(order.state)) return { outcome: "invalid_state" as const, states };
    const event: JobEvent = { id: this.#access.world.uuid(), wait: job.wait as number, kind: "requeue", ...order };
    return { outcome: await this.#deliver(job.id, event), states };
  }

  async discard(details: JobDetails): Promise<"accepted" | "closed"> {
    const { job } = details;
    if (job.wait === null || job.head.waiting?.kind !== "operator") return "closed";
    const { caller, storage, world } = this.#access;
    const event: JobEvent = { id: world.uuid(), wait: job.wait, kind: "discard" };
    const reply = await this.#runAtOnce(job.id, (lease) =>
      caller.call(() => storage.deliver({ jobId: job.id, event, lease }), requestPatienceMs),
    );
    return reply.outcome === "accepted" ? "accepted" : "closed";
  }

  async #deliver(jobId: string, event: JobEvent): Promise<"accepted" | "closed"> {
    const { runner, caller, storage } = this.#access;
    const { reply } = await runner.lend(1, async (lease) => {
      const answer = await caller.call(() => storage.deliver({ jobId, event, lease }), requestPatienceMs);
      return { reply: answer, leased: asList(answer) };
    });
    // The order of an operator is committed before its handler runs: then it can be seen.
    if (reply.leased !== null && event.kind === "requeue") await runner.firstCommit(jobId);
    return reply.outcome === "accepted" ? "accepted" : "closed";
  }

  /** For steps that need no handler, and so no slot: what they did can be seen once this answers. */
  async #runAtOnce<T extends Delivered>(jobId: string, call: (lease: LeaseRequest) => Promise<T>): Promise<T> {
    const { runner } = this.#access;
    const reply = await call(runner.leaseFor(1));
    for (const held of asList(reply)) runner.accept(held);
    if (reply.leased !== null) await runner.firstCommit(jobId);
    return reply;
  }
}

function asList(reply: Delivered): LeasedJob[] {
  return reply.leased === null ? [] : [reply.leased];
}
