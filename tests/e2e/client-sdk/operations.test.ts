import type { AvtomatikaClient } from "@avtomatika/client";
import { expect, test } from "vitest";
import { connect } from "./connected.ts";

/** Resolves once the job waits for a person. */
async function untilAsked(client: AvtomatikaClient, jobId: string) {
  for (;;) {
    const { waitingFor } = await client.jobs.get(jobId);
    if (waitingFor?.kind === "human") return waitingFor;
  }
}

test("a decision, the first of which counts", async () => {
  const { client } = await connect();
  const { jobId } = await client.jobs.create("/approval");
  const asked = await untilAsked(client, jobId);
  expect(asked).toMatchObject({ integration: "chat", message: "go?", decisions: ["approved", "rejected"] });
  await expect(client.approvals.decide(jobId, "aproved")).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('"approved"'),
  });
  const decision = await client.approvals.decide(jobId, "approved", { comment: "fine", metadata: { by_whom: "me" } });
  expect(decision).toEqual({ status: "approval_received", jobId });
  const job = await client.jobs.wait(jobId);
  expect(job.status).toBe("finished");
  expect(job.stateHistory["approval"]).toMatchObject({ comment: "fine", metadata: { by_whom: "me" } });
  await expect(client.approvals.decide(jobId, "approved")).rejects.toMatchObject({ status: 409, code: "conflict" });
});

test("quarantine: list, requeue with a patch, discard", async () => {
  const { client } = await connect();
  const [mended, dropped] = await Promise.all([client.jobs.run("/broken"), client.jobs.run("/broken")]);
  expect([mended.status, dropped.status]).toEqual(["quarantined", "quarantined"]);
  const { jobs, nextCursor } = await client.quarantine.list({ blueprint: "broken" });
  expect(jobs.map(({ jobId }) => jobId).sort()).toEqual([mended.jobId, dropped.jobId].sort());
  expect(jobs[0]?.errorMessage).toContain("it is broken");
  expect(nextCursor).toBeNull();

  await expect(client.quarantine.requeue(mended.jobId, { state: "nowhere" })).rejects.toMatchObject({ status: 400 });
  const requeued = await client.quarantine.requeue(mended.jobId, { patch: { mended: true } });
  expect(requeued).toEqual({ status: "requeued", jobId: mended.jobId });
  expect((await client.jobs.wait(mended.jobId)).status).toBe("finished");

  const discarded = await client.quarantine.discard(dropped.jobId);
  expect(discarded).toEqual({ status: "discarded", jobId: dropped.jobId });
  expect((await client.quarantine.list()).jobs).toEqual([]);
  expect((await client.jobs.get(dropped.jobId)).discardedAt).toMatch(/Z$/);
  await expect(client.quarantine.discard(mended.jobId)).rejects.toMatchObject({ status: 409 });
});

test("workers, blueprints, dashboard", async () => {
  const { served, client } = await connect();
  await served.register("w", { max_concurrent_tasks: 3, resources: { cpu_cores: 2 }, cost_per_skill: { work: 1 } });
  const [worker] = await client.workers.list();
  expect(worker).toMatchObject({
    workerId: "w",
    supportedTasks: ["work"],
    maxConcurrentTasks: 3,
    resources: { cpu_cores: 2 },
    costPerSkill: { work: 1 },
    openTasks: 0,
  });
  const blueprints = await client.blueprints.list();
  expect(blueprints.find(({ name }) => name === "quick")).toEqual({
    name: "quick",
    apiVersion: "v1",
    apiEndpoint: "/quick",
    path: "/api/v1/quick",
    states: ["start", "end"],
  });
  await client.jobs.run("/quick");
  const { workers, jobs } = await client.dashboard();
  expect(workers).toEqual({ total: 1, idle: 1, busy: 0 });
  expect(jobs.finished).toBe(1);
});
