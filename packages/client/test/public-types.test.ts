// What the compiler says, checked by `npm run check`; and that our types are the wire's, so that they can't drift apart.
import type {
  BlueprintsAnswer,
  JobEntry as WireEntry,
  JobView as WireView,
  WaitingFor as WireWait,
} from "@avtomatika/protocol";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { AvtomatikaClient, BlueprintEntry, JobEntry, JobView, WaitingFor } from "#index";

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
  // @ts-expect-error the data isn't an Order
  await client.jobs.run<Order, Receipt>("/x", { fill: "a" });
  // @ts-expect-error a misspelled option
  await client.jobs.create("/x", {}, { priorty: 1 });
  // @ts-expect-error create doesn't wait
  await client.jobs.create("/x", {}, { timeoutMs: 1 });
  // @ts-expect-error a misspelled option
  await client.jobs.wait("j", { timeoutSeconds: 1 });
  // @ts-expect-error a misspelled option
  await client.jobs.run("/x", {}, { idempotencykey: "k" });
  // @ts-expect-error no such status
  await client.jobs.list({ status: "done" });
  // @ts-expect-error a misspelled option
  await client.approvals.decide("j", "go", { coment: "x" });
  // @ts-expect-error a misspelled option
  await client.quarantine.requeue("j", { stat: "x" });
  // @ts-expect-error data is an object
  await client.jobs.create("/x", "data");

  const typed = await client.jobs.run("/x", { a: 1 }, { resultSchema: z.object({ n: z.number() }) });
  expectTypeOf(typed.result).toEqualTypeOf<{ n: number } | null>();
  expectTypeOf(typed.initialData).toEqualTypeOf<{ a: number }>();
  // @ts-expect-error the schema doesn't have it
  typed.result?.m;

  const open = await client.jobs.get("j");
  expectTypeOf(open.result?.["anything"]).toBeAny();
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
