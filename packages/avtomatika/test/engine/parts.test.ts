import { describe, expect, test } from "vitest";
import type { StandardSchema } from "#core/definition";
import { AvtomatikaError } from "#core/errors";
import type { JobRecord } from "#core/job";
import { bears } from "#engine/bears-token";
import { checkInput } from "#engine/check-input";
import { mergeHeartbeat } from "#engine/merge-heartbeat";
import { Revocations } from "#engine/revocations";
import { RunningJobs } from "#engine/running-jobs";
import { WarnOnce } from "#engine/warn-once";

describe("a heartbeat's changes over a worker's record", () => {
  test("what it names replaces, null and what it leaves out say nothing, progress is not kept", () => {
    const record = { load: 1, hot_cache: ["a"], status: "idle" };
    const changes = { load: 2, status: null, progress: { t: { progress: 1 } } };
    expect(mergeHeartbeat(record, changes)).toEqual({ load: 2, hot_cache: ["a"], status: "idle" });
    expect(record.load).toBe(1);
  });

  test("supported_skills is the newer name of supported_tasks and replaces it, unless both are given", () => {
    const record = { supported_tasks: ["a"] };
    expect(mergeHeartbeat(record, { supported_skills: ["b"] })).toEqual({ supported_skills: ["b"] });
    const both = { supported_skills: ["b"], supported_tasks: ["c"] };
    expect(mergeHeartbeat(record, both)).toEqual(both);
  });

  test("skill_dependencies without hot_skills means that none is hot: the Python SDK leaves an empty list out", () => {
    const record = { hot_skills: ["a"] };
    expect(mergeHeartbeat(record, { skill_dependencies: { a: ["m"] } })).toMatchObject({ hot_skills: [] });
    expect(mergeHeartbeat(record, { skill_dependencies: {}, hot_skills: ["b"] })).toMatchObject({ hot_skills: ["b"] });
    expect(mergeHeartbeat(record, { load: 1 })).toMatchObject({ hot_skills: ["a"] });
  });

  test("hostile keys are data", () => {
    const merged = mergeHeartbeat({}, JSON.parse('{"__proto__": {"load": 9}}') as never);
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });
});

describe("the token of an approval", () => {
  const job = (wait: number | null, waiting: object | null) => ({ wait, head: { waiting } }) as unknown as JobRecord;
  const human = { kind: "human", token: "secret" };

  test("lets its bearer decide the open wait it belongs to, and nothing else does", () => {
    expect(bears({ token: "secret" }, job(1, human))).toBe(true);
    expect(bears({ token: "secreu" }, job(1, human))).toBe(false);
    expect(bears({ token: "" }, job(1, human))).toBe(false);
    expect(bears({ token: "secret" }, job(null, human))).toBe(false);
    expect(bears({ token: "secret" }, job(1, { kind: "timer" }))).toBe(false);
    expect(bears({ token: "secret" }, job(1, null))).toBe(false);
  });

  test("is not asked for where PUBLIC_APPROVALS says so", () => {
    expect(bears({ token: null }, job(1, human))).toBe(true);
  });
});

describe("the input schema", () => {
  const schema = (validate: StandardSchema["~standard"]["validate"]): StandardSchema => ({
    "~standard": { version: 1, vendor: "test", validate },
  });

  test("its output is the data, also where it is asynchronous", async () => {
    expect(await checkInput(undefined, { a: 1 })).toEqual({ data: { a: 1 } });
    expect(
      await checkInput(
        schema(async () => ({ value: { b: 2 } })),
        { a: 1 },
      ),
    ).toEqual({ data: { b: 2 } });
  });

  test("its issues are listed with their paths", async () => {
    const issues = [{ message: "too long", path: ["list", { key: 3 }, "name"] }, { message: "no" }];
    expect(
      await checkInput(
        schema(() => ({ issues })),
        {},
      ),
    ).toEqual({
      issues: ["initial_data.list.3.name: too long", "initial_data: no"],
    });
  });

  test("an output that is no object is an issue, one that is no JSON an error", async () => {
    expect(
      await checkInput(
        schema(() => ({ value: [1] })),
        {},
      ),
    ).toHaveProperty("issues");
    await expect(
      checkInput(
        schema(() => ({ value: { big: 1n } })),
        {},
      ),
    ).rejects.toThrow(AvtomatikaError);
  });
});

describe("slots", () => {
  test("running jobs and calls that may bring some never take more than there are", () => {
    const freed: number[] = [];
    const jobs = new RunningJobs(3, () => freed.push(jobs.free));
    const run = jobs.begin("a", "1");
    expect([jobs.reserve(5), jobs.free, jobs.reserve(1)]).toEqual([2, 0, 0]);
    jobs.unreserve(2);
    expect([jobs.free, freed]).toEqual([2, [2]]);
    jobs.end(run as never);
    expect([jobs.free, freed]).toEqual([3, [2, 3]]);
  });

  test("one lease is run once; a new lease of the same job ends the former run", () => {
    const jobs = new RunningJobs(3, () => {});
    const former = jobs.begin("a", "1");
    expect(jobs.begin("a", "1")).toBeNull();
    const later = jobs.begin("a", "2");
    expect([former?.interruption, former?.signal.aborted, later?.interruption]).toEqual(["lost", true, null]);
    jobs.end(former as never);
    expect(jobs.get("a")).toBe(later);
  });

  test("the first reason of an interruption stands, but a lost lease tops a cancel; listeners are told once", () => {
    const run = new RunningJobs(1, () => {}).begin("a", "1");
    let told = 0;
    run?.onInterruption(() => {
      told += 1;
    });
    const stop = run?.onInterruption(() => {
      told += 100;
    });
    stop?.();
    run?.interrupt("cancelled");
    run?.interrupt("stopping");
    expect([run?.interruption, told]).toEqual(["cancelled", 1]);
    run?.interrupt("lost");
    expect([run?.interruption, told]).toEqual(["lost", 1]);
    run?.onInterruption(() => {
      told += 10;
    });
    expect(told).toBe(11);
  });
});

test("a worker is told of its own cancelled tasks until they are answered", () => {
  const revocations = new Revocations();
  revocations.add("v", ["a"]);
  revocations.add("w", ["b", "c"]);
  revocations.add("w", ["b"]);
  expect([revocations.of("v"), revocations.of("w"), revocations.of("x")]).toEqual([["a"], ["b", "c"], []]);
  revocations.forget("b");
  revocations.forget("a");
  expect([revocations.of("v"), revocations.of("w")]).toEqual([[], ["c"]]);
});

test("a condition that throws is counted each time and logged once per job", () => {
  const logged: unknown[] = [];
  const logger = { warn: (fields: { jobId: string }) => logged.push(fields.jobId) };
  const warnings = new WarnOnce(logger as never);
  for (const job of ["a", "a", "b", "a"]) warnings.warn(job, "x == 1", new Error("no"));
  expect([logged, warnings.count]).toEqual([["a", "b"], 4]);
  warnings.forget("a");
  warnings.warn("a", "x == 1", new Error("no"));
  expect(logged).toEqual(["a", "b", "a"]);
});
