import fc from "fast-check";
import { expect, test } from "vitest";
import type { Strategy } from "#core/action";
import { compareRanks } from "#core/choose";
import { KnownWorker } from "#engine/known-worker";
import { type ParkedPoll, ParkedPolls } from "#engine/parked-polls";
import { rankFor } from "#engine/pick-worker";

const strategies: Strategy[] = ["default", "round_robin", "least_connections", "cheapest", "best_value"];

function pollOf(workerId: string, since = 0): ParkedPoll {
  const state = { claiming: false, late: false, full: false, news: 0, done: false };
  return { workerId, limit: 1, since, types: [], worker: null, ...state, answer: () => {}, stop: () => {} };
}

function recordOf(cost: number): { worker_id: string; supported_tasks: string[]; cost: number } {
  return { worker_id: "w", supported_tasks: ["work"], cost };
}

test("whatever happens to workers, their polls stand in the order of each strategy", () => {
  const worker = fc.nat(9);
  const change = fc.oneof(
    fc.record({ kind: fc.constant("ask" as const), worker }),
    fc.record({ kind: fc.constant("answer" as const), worker }),
    fc.record({ kind: fc.constant("cost" as const), worker, value: fc.nat(3) }),
    fc.record({ kind: fc.constant("open" as const), worker, value: fc.nat(3) }),
    fc.record({ kind: fc.constant("over" as const), worker, value: fc.nat(3) }),
    fc.record({ kind: fc.constant("turn" as const), worker, value: fc.nat(3) }),
    fc.record({ kind: fc.constant("reputation" as const), worker, value: fc.nat(3) }),
    fc.record({ kind: fc.constant("look" as const), worker, value: fc.nat(4) }),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const workers = Array.from({ length: 10 }, (_, n) => new KnownWorker(`w${n}`, recordOf(n % 3), 0));
      const polls = new ParkedPolls();
      const came = new Map<string, number>();
      for (const [at, one] of changes.entries()) {
        const known = workers[one.worker] as KnownWorker;
        const poll = polls.get(known.id);
        if (one.kind === "ask") {
          const asking = pollOf(known.id);
          polls.park(asking);
          polls.reindex(asking, known);
          came.set(known.id, at);
        }
        if (one.kind === "answer" && poll !== undefined) polls.finish(poll, []);
        if (one.kind === "cost") known.replace(recordOf(one.value));
        if (one.kind === "open") known.openTasks.add(`t${one.value}`);
        if (one.kind === "over") known.openTasks.delete(`t${one.value}`);
        if (one.kind === "turn") known.hadTask("work", one.value);
        if (one.kind === "reputation") known.reputation = one.value / 3;
        if (one.kind !== "look") continue;
        const strategy = strategies[one.value] as Strategy;
        const rankOf = (id: string) => rankFor(strategy, "work", workers[Number(id.slice(1))] as KnownWorker);
        const expected = [...polls.all()].map(({ workerId }) => workerId);
        expected.sort((a, b) => compareRanks(rankOf(a), rankOf(b)) || (came.get(a) ?? 0) - (came.get(b) ?? 0));
        expect([...polls.inOrder("work", strategy)].map(({ workerId }) => workerId)).toEqual(expected);
      }
    }),
  );
});

test("a poll keeps its place while its worker's abilities stay, and leaves types that it lost", () => {
  const polls = new ParkedPolls();
  const [first, second] = ["w0", "w1"].map((id) => new KnownWorker(id, recordOf(0), 0)) as [KnownWorker, KnownWorker];
  for (const worker of [first, second]) {
    const poll = pollOf(worker.id);
    polls.park(poll);
    polls.reindex(poll, worker);
  }
  const order = () => [...polls.inOrder("work", "default")].map(({ workerId }) => workerId);
  polls.reindex(polls.get("w0") as ParkedPoll, first);
  expect(order()).toEqual(["w0", "w1"]);
  first.replace({ worker_id: "w0", supported_tasks: ["other"] });
  polls.reindex(polls.get("w0") as ParkedPoll, first);
  expect(order()).toEqual(["w1"]);
  expect([...polls.inOrder("other", "default")].map(({ workerId }) => workerId)).toEqual(["w0"]);
});

test("who asked within a second, isn't parked and holds nothing is likely to ask again", () => {
  const polls = new ParkedPolls();
  const worker = new KnownWorker("w0", recordOf(0), 0);
  const idle = (now: number) => polls.recentlyIdle(now, () => worker);
  const poll = pollOf("w0", 1000);
  polls.park(poll);
  expect(idle(1500)).toEqual([]);
  polls.finish(poll, []);
  expect(idle(2000)).toEqual([worker]);
  worker.openTasks.add("t");
  expect(idle(2000)).toEqual([]);
  worker.openTasks.delete("t");
  expect(idle(2001)).toEqual([]);
  expect(idle(1500)).toEqual([]);
});
