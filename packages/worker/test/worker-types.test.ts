import { type TaskContext, Worker } from "@avtomatika/worker";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";

// The compiler is what tests here (`npm run check`, step "type tests"): every @ts-expect-error must be one, and its
// message must have the quoted word.
test("params are of the schema's output, of the type argument, or open; what is misspelled doesn't compile", () => {
  const worker = new Worker({ token: "secret" });
  worker
    .task("open", ({ anything }, context) => {
      expectTypeOf(context).toEqualTypeOf<TaskContext>();
      return { status: "success", data: { anything } };
    })
    .task<{ file: string }>("typed", (params) => {
      expectTypeOf(params).toEqualTypeOf<{ file: string }>();
    })
    .task("schema", { schema: z.object({ size: z.coerce.number() }), maxConcurrent: 1 }, async (params) => {
      expectTypeOf(params).toEqualTypeOf<{ size: number }>();
    })
    .task("limited", { maxConcurrent: 1 }, async ({ anything }) => anything as object)
    .task("transformed", { schema: z.string().transform((text) => new Date(text)) }, (params) => {
      expectTypeOf(params).toEqualTypeOf<Date>();
    })
    // @ts-expect-error: a "bigint" can't be sent
    .task("big", () => 1n);
  expect(worker.workerId).toMatch(/^worker-/);
});

test("misspelled options are refused by the compiler and at run time", () => {
  // @ts-expect-error: "maxConcurentTasks" is no option
  expect(() => new Worker({ token: "secret", maxConcurentTasks: 4 })).toThrow("unknown option");
  // @ts-expect-error: a "number" is no URL
  expect(() => new Worker({ token: "secret", orchestratorUrl: 8080 })).toThrow("orchestratorUrl");
  const worker = new Worker({ token: "secret" });
  // @ts-expect-error: "maxConcurent" is no option
  expect(() => worker.task("a", { maxConcurent: 1 }, () => {})).toThrow("unknown option");
  worker.task<{ file: string }>("b", (params, context) => {
    // @ts-expect-error: "fil" is not in the type
    void params.fil;
    // @ts-expect-error: "taskID" is no field
    void context.taskID;
    // @ts-expect-error: a "string" is no progress
    void context.progress("half way");
  });
  const check = () => {
    // @ts-expect-error: "sise" is not in the schema
    worker.task("c", { schema: z.object({ size: z.number() }) }, ({ sise }) => ({ sise }));
    // @ts-expect-error: "size" is nothing that a Date has
    worker.task("d", { schema: z.string().transform((text) => new Date(text)) }, ({ size }) => ({ size }));
    // @ts-expect-error: without "model" nobody can require it
    new Worker({ resources: { gpuInfo: { vramGb: 80 } } });
  };
  expect(check).toBeTypeOf("function");
});
