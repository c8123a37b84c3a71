// What the compiler says, checked by `npm run check`; and that our types are the wire's, so that they can't drift apart.
import type {
  BlueprintsAnswer,
  JobEntry as WireEntry,
  JobView as WireView,
  WaitingFor as WireWait,
} from "@avtomatika/protocol";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { AvtomatikaClient, type BlueprintEntry, type JobEntry, type JobView, type WaitingFor } from "#index";

type Camel<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name;
type CamelCase<Wire> = Wire extends object ? { [Key in keyof Wire as Camel<Key>]: Wire[Key] } : Wire;
/** The names of every member of a union. */
type Names<Union> = Union extends unknown ? keyof Union : never;

type Order = { file: string };
type Receipt = { total: number };

/** Never called: only the compiler reads it. */
async function program(client: AvtomatikaClient) {
  const job = await client.jobs.run<Order, Receipt>("/x", { file: "a" }, { timeoutMs: 5, priority: 1 });
  expectTypeOf(job).toEqualTypeOf<JobView<Order, Receipt>>();
  expectTypeOf(job.result).toEqualTypeOf<Receipt | null>();
  expectTypeOf(job.initialData.file).toEqualTypeOf<string>();
  // @ts-expect-error: "fill" is not in an Order
  await client.jobs.run<Order, Receipt>("/x", { fill: "a" });
  // @ts-expect-error: "priorty" is no option
  await client.jobs.create("/x", {}, { priorty: 1 });
  // @ts-expect-error: create doesn't wait, it has no "timeoutMs"
  await client.jobs.create("/x", {}, { timeoutMs: 1 });
  // @ts-expect-error: "timeoutSeconds" is no option
  await client.jobs.wait("j", { timeoutSeconds: 1 });
  // @ts-expect-error: "idempotencykey" is no option
  await client.jobs.run("/x", {}, { idempotencykey: "k" });
  // @ts-expect-error: "done" is no status
  await client.jobs.list({ status: "done" });
  // @ts-expect-error: "coment" is no option
  await client.approvals.decide("j", "go", { coment: "x" });
  // @ts-expect-error: "stat" is no option
  await client.quarantine.requeue("j", { stat: "x" });
  // @ts-expect-error: data is an "object"
  await client.jobs.create("/x", "data");

  const typed = await client.jobs.run("/x", { a: 1 }, { resultSchema: z.object({ n: z.number() }) });
  expectTypeOf(typed.result).toEqualTypeOf<{ n: number } | null>();
  expectTypeOf(typed.initialData).toEqualTypeOf<{ a: number }>();
  // @ts-expect-error: "m" is not in the schema
  typed.result?.m;
  const waited = await client.jobs.wait("j", { resultSchema: z.object({ n: z.coerce.date() }) });
  expectTypeOf(waited.result).toEqualTypeOf<{ n: Date } | null>();
  // @ts-expect-error: "m" is not in the schema
  waited.result?.m;
  // @ts-expect-error: a result is "null" until the job has finished
  typed.result.n;

  const open = await client.jobs.get("j");
  expectTypeOf(open.result?.["anything"]).toBeAny();
  // @ts-expect-error: "finishd" is no status
  if (open.status === "finishd") return;
  // @ts-expect-error: "humn" is no kind of wait
  if (open.waitingFor?.kind === "humn") return;
  // @ts-expect-error: the wire's "current_state" is currentState here
  open.current_state;
  // @ts-expect-error: "lsit" is no call
  await client.jobs.lsit();
  // @ts-expect-error: "timeout" is no option
  new AvtomatikaClient({ url: "http://x", token: "t", timeout: 1 });
  // @ts-expect-error: "maxRetry" is no retry option
  new AvtomatikaClient({ url: "http://x", token: "t", retry: { maxRetry: 1 } });
  if (open.waitingFor?.kind === "human") expectTypeOf(open.waitingFor.decisions).toEqualTypeOf<string[]>();
}

test("types are the wire's in camelCase", () => {
  expect(program).toBeTypeOf("function");
  expectTypeOf<JobEntry>().toEqualTypeOf<CamelCase<WireEntry>>();
  expectTypeOf<BlueprintEntry>().toEqualTypeOf<CamelCase<BlueprintsAnswer[number]>>();
  expectTypeOf<keyof JobView>().toEqualTypeOf<Camel<keyof WireView>>();
  expectTypeOf<JobView["status"]>().toEqualTypeOf<WireView["status"]>();
  expectTypeOf<keyof NonNullable<JobView["progress"]>>().toEqualTypeOf<
    Camel<keyof NonNullable<WireView["progress"]>>
  >();
  expectTypeOf<Names<WaitingFor>>().toEqualTypeOf<Camel<Names<WireWait>>>();
  expectTypeOf<WaitingFor["kind"]>().toEqualTypeOf<WireWait["kind"]>();
});
