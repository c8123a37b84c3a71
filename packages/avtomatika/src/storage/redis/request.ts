import type { JobEvent, NewJob } from "#core/job";
import { freshHead } from "#core/job";
import { laneKey } from "#core/lane";
import { standingOf } from "#core/standing";
import type { NewJoin, StepCommit } from "#core/step-commit";
import type { Lane, TaskEnd, TaskItem } from "#core/task";
import { packAll, packBody, packEnvelope } from "#storage/redis/codec";
import type { Settlement, WorkerWrite } from "#storage/storage";

/**
 * The arguments of one script: what the script reads, and bodies that it only stores. A body is named by its place
 * among the arguments.
 */
export class Request {
  readonly #bodies: Buffer[] = [];

  body(value: unknown): number {
    return this.#place(packBody(value));
  }

  arguments(envelope: object): Buffer[] {
    return [packEnvelope(envelope), ...this.#bodies];
  }

  #place(packed: Buffer): number {
    this.#bodies.push(packed);
    // ARGV counts from 1, and its first is the envelope.
    return this.#bodies.length + 1;
  }

  newJob({ initial, ...job }: NewJob): object {
    return { ...job, initial: this.body(initial) };
  }
  freshHead(): number {
    return this.body(freshHead());
  }

  event(event: JobEvent): object {
    return { id: event.id, wait: event.wait, kind: event.kind, body: this.body(event) };
  }

  commit(commit: StepCommit): object {
    const { head, data, initial, join, children, notify, ...plain } = commit;
    return {
      ...plain,
      head: this.body(head),
      discarded: head.discardedAt !== null,
      data: data === null ? null : this.body(data),
      initial: initial === null ? null : this.body(initial),
      join: join === null ? null : this.#join(join),
      children: children.map((child) => this.newJob(child)),
      notify: notify === null ? null : { jobId: notify.jobId, event: this.event(notify.event) },
    };
  }

  #join({ single, groups, trace, ...numbers }: NewJoin): object {
    return {
      ...numbers,
      trace: this.body(trace),
      single: single === null ? null : this.#single(single),
      groups: groups.map(({ lane, items, ...group }) => ({
        ...group,
        lane: this.#lane(lane),
        items: items === null ? null : this.items(items).first,
        ...(items === null ? {} : { count: group.count }),
      })),
    };
  }

  #single({ lane, item }: { lane: Lane; item: TaskItem }): object {
    return { lane: this.#lane(lane), item: this.#item(item), priority: item.priority };
  }

  /** An id that says all of its lane needs nothing beside it. */
  #lane(lane: Lane): object {
    return { id: lane.id, type: lane.type, body: laneKey(lane) === lane.id ? null : this.body(lane) };
  }

  /** Items stand one behind the other among the arguments. */
  items(items: readonly TaskItem[]): { first: number; count: number } {
    const places = items.map((item) => this.#item(item));
    return { first: places[0] ?? 0, count: items.length };
  }

  /** The times that the store goes by stand before the item itself. */
  #item(item: TaskItem): number {
    const { index, timeoutMs, dispatchTimeoutMs, resultDue } = item;
    return this.#place(Buffer.concat([packAll(index, timeoutMs, dispatchTimeoutMs, resultDue), packBody(item)]));
  }

  settlement({ verdict, ...settlement }: Settlement): object {
    if (!("end" in verdict)) return { ...settlement, verdict };
    const { end, ...plain } = verdict;
    const done = verdict.kind === "done" ? this.#end(end) : null;
    return { ...settlement, verdict: { ...plain, done, standing: standingOf(end) } };
  }

  /** Without the worker: where the settlement doesn't name it, the store knows it. */
  #end({ workerId: _, ...end }: TaskEnd): number {
    return this.body(end);
  }

  worker({ record, ...write }: WorkerWrite): object {
    return { ...write, record: record === null ? null : this.body(record) };
  }
}
