// Files travel beside the jobs: params and results hold addresses like s3://bucket/key, and the worker SDK makes local
// files of them and back. Here the store is a small one in this process; `s3` may as well name MinIO, Ceph or S3.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "@avtomatika/worker";
import { StateMachineBlueprint } from "avtomatika";
import { S3mini } from "s3mini";
import S3rver from "s3rver";
import { serve } from "../support/serve.ts";

const flow = new StateMachineBlueprint({ name: "reports", apiVersion: "v1", apiEndpoint: "/jobs/reports" });

flow.handlerFor("count", { isStart: true }, ({ initialData, actions }) =>
  actions.dispatchTask({
    taskType: "count_words",
    params: { text: initialData.text }, // s3://media/texts/poem.txt
    transitions: { success: "done" },
  }),
);
flow.handlerFor("done", { isEnd: true }, ({ report, words }) => ({ report, words }));

const folder = mkdtempSync(join(tmpdir(), "avtomatika-files-"));
const store = new S3rver({
  port: 0,
  address: "127.0.0.1",
  silent: true,
  directory: join(folder, "store"),
  configureBuckets: [{ name: "media", configs: [] }],
});
const { port } = await store.run();
const keys = { accessKey: "S3RVER", secretKey: "S3RVER" };
const endpointUrl = `http://127.0.0.1:${port}`;
const media = new S3mini({
  endpoint: `${endpointUrl}/media`,
  accessKeyId: keys.accessKey,
  secretAccessKey: keys.secretKey,
});
await media.putObject("texts/poem.txt", "so much depends upon a red wheel barrow");

await serve({ blueprints: [flow] }, async (client, connection) => {
  const worker = new Worker({
    ...connection,
    s3: { endpointUrl, ...keys, defaultBucket: "media" },
    taskFilesDir: join(folder, "tasks"),
  });
  worker.task<{ text: string }>("count_words", async ({ text }, { filesDir }) => {
    const words = (await readFile(text, "utf8")).split(/\s+/);
    const report = join(filesDir, "report.txt");
    await writeFile(report, words.toSorted().join("\n"));
    return { report, words: words.length };
  });
  await worker.start();
  try {
    const job = await client.run("/api/v1/jobs/reports", { text: "s3://media/texts/poem.txt" });
    assert.equal(job.status, "finished");
    assert.equal(job.result.words, 8);
    assert.match(job.result.report, new RegExp(`^s3://media/${job.job_id}/[^/]+/report\\.txt$`));
    const report = await media.getObject(job.result.report.slice("s3://media/".length));
    assert.equal(report?.split("\n")[0], "a");

    // What isn't there is the caller's mistake: the job fails at once and says which file.
    const missing = await client.run("/api/v1/jobs/reports", { text: "s3://media/texts/none.txt" });
    assert.equal(missing.status, "failed");
    assert.match(missing.error_message ?? "", /params\.text: s3:\/\/media\/texts\/none\.txt isn't there/);
  } finally {
    await worker.stop();
  }
});
await store.close();
rmSync(folder, { recursive: true, force: true });
console.log("ok: a file went in, a file came out, and a missing one failed its job");
