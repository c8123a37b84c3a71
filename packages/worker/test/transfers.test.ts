import { execFile } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { pause } from "#engine/pause";
import { objectServer } from "./object-server.ts";
import { scriptedEngine, workerOf } from "./scripted-engine.ts";

const mib = 2 ** 20;

/** Bytes that are nowhere the same. */
function bytes(count: number): Buffer {
  const words = Uint32Array.from({ length: Math.ceil(count / 4) }, (_, n) => Math.imul(n, 2654435761));
  return Buffer.from(words.buffer).subarray(0, count);
}

test("a large file travels in parts both ways, byte by byte", async () => {
  const [engine, store] = [await scriptedEngine(), await objectServer()];
  const large = bytes(20 * mib + 7);
  await workerOf(engine, { s3: store.options, taskFilesDir: store.tasks })
    .task("copy", async ({ input }, { filesDir }) => {
      const output = join(filesDir, "copy.bin");
      await pipeline(createReadStream(input), createWriteStream(output));
      return { output };
    })
    .start();
  await store.put("large.bin", large);
  const params = { input: "s3://inputs/large.bin" };
  const { data } = await engine.resultOf(engine.give({ type: "copy", params })[0]);
  const copy = await store.bucket("outputs").getObjectArrayBuffer(data.output.slice("s3://outputs/".length));
  expect(Buffer.from(copy ?? new ArrayBuffer(0)).equals(large)).toBe(true);
  expect(store.requests.filter((one) => one.includes("partNumber="))).toHaveLength(3);
});

test("what is stored compressed arrives as it is stored", async () => {
  const [engine, store] = [await scriptedEngine(), await objectServer()];
  const packed = gzipSync("text");
  const headers = { "content-encoding": "gzip" } as Record<`x-amz-${string}`, string>;
  await store.bucket("inputs").putObject("x.gz", packed, "text/plain", undefined, headers);
  // Other clients unpack it.
  expect(await store.get("s3://inputs/x.gz")).toBe("text");
  await workerOf(engine, { s3: store.options, taskFilesDir: store.tasks })
    .task("a", async ({ x }) => ({ hex: (await readFile(x)).toString("hex") }))
    .start();
  const { data } = await engine.resultOf(engine.give({ type: "a", params: { x: "s3://inputs/x.gz" } })[0]);
  expect(data.hex).toBe(packed.toString("hex"));
});

test("so many transfers at a time as are allowed, over all tasks", async () => {
  const [engine, store] = [await scriptedEngine(), await objectServer()];
  await workerOf(engine, { s3: { ...store.options, maxTransfers: 3 }, taskFilesDir: store.tasks })
    .task("a", async ({ folder }) => ({ count: (await readdir(folder)).length }))
    .start();
  for (let n = 0; n < 12; n++) await store.put(`set/${n}`, "x");
  store.mostAtOnce = 0;
  store.fault = () => pause(3).then(() => undefined);
  const task = { type: "a", params: { folder: "s3://inputs/set/" } };
  for (const id of engine.give(task, task)) expect((await engine.resultOf(id)).data).toEqual({ count: 12 });
  expect(store.mostAtOnce).toBe(3);
});

test("a store that is away for a moment costs no attempt; one that stays away is a transient failure", async () => {
  const [engine, store] = [await scriptedEngine(), await objectServer()];
  await workerOf(engine, { s3: store.options, taskFilesDir: store.tasks })
    .task("a", async ({ x }, { filesDir }) => {
      await writeFile(join(filesDir, "y"), await readFile(x));
      return { y: join(filesDir, "y") };
    })
    .start();
  await store.put("x", "text");
  const task = { type: "a", params: { x: "s3://inputs/x" } };
  // Twice nothing, a busy store, then a download that breaks off in its middle.
  const faults = ["cut", 503, undefined, "cut", 500, 429] as const;
  let asked = 0;
  store.fault = () => faults[asked++];
  const { data } = await engine.resultOf(engine.give(task)[0]);
  expect(await store.get(data.y)).toBe("text");
  expect(asked).toBeGreaterThanOrEqual(7);

  await store.goAway();
  const { status, error } = await engine.resultOf(engine.give(task)[0]);
  expect([status, error.code]).toEqual(["failure", "TRANSIENT_ERROR"]);
  expect(error.message).toMatch(/^params\.x: s3:\/\/inputs\/x can't be fetched: .*ECONNREFUSED/);
  await store.comeBack();
  store.fault = ({ method }) => (method === "PUT" ? 503 : undefined);
  const unsaved = await engine.resultOf(engine.give(task)[0]);
  expect(unsaved.error.code).toBe("TRANSIENT_ERROR");
  expect(unsaved.error.message).toBe('result.data.y can\'t be stored in the bucket "outputs": 503 Unknown');
  store.fault = () => undefined;
  expect(await store.get((await engine.resultOf(engine.give(task)[0])).data.y)).toBe("text");
});

test("what the store refuses is a permanent failure", async () => {
  const [engine, store] = [await scriptedEngine(), await objectServer()];
  await store.put("x", "text");
  const handler = async (_params: object, { filesDir }: { filesDir: string }) => {
    await writeFile(join(filesDir, "y"), "");
    return { y: join(filesDir, "y") };
  };
  const s3 = { ...store.options, accessKey: "nobody", defaultBucket: "nowhere" };
  await workerOf(engine, { s3, taskFilesDir: store.tasks }).task("a", handler).start();
  const [read, write] = engine.give({ type: "a", params: { x: "s3://inputs/x" } }, { type: "a" });
  expect(await engine.resultOf(read)).toMatchObject({
    error: { code: "PERMANENT_ERROR", message: expect.stringMatching(/^params\.x: .*403 InvalidAccessKeyId$/) },
  });
  expect((await engine.resultOf(write)).error).toMatchObject({
    code: "PERMANENT_ERROR",
    message: expect.stringMatching(/^result\.data\.y can't be stored in the bucket "nowhere": /),
  });
});

test("an abort ends a download and an upload", async () => {
  const [engine, store] = [await scriptedEngine(), await objectServer()];
  const closed: Promise<unknown>[] = [];
  let sawSilence = Promise.withResolvers<void>();
  await workerOf(engine, { s3: store.options, taskFilesDir: store.tasks, heartbeatIntervalMs: 20 })
    .task("a", async (_params, { filesDir }) => {
      await writeFile(join(filesDir, "y"), bytes(9 * mib));
      return { y: join(filesDir, "y") };
    })
    .start();
  await store.put("x", "text");
  store.fault = (request) => {
    closed.push(new Promise((resolve) => request.socket.once("close", resolve)));
    sawSilence.resolve();
    return request.method === "DELETE" ? undefined : "silence";
  };
  for (const params of [{ x: "s3://inputs/x" }, {}]) {
    sawSilence = Promise.withResolvers<void>();
    const [id = ""] = engine.give({ type: "a", params });
    await sawSilence.promise;
    engine.cancels = [id];
    expect(await engine.resultOf(id)).toEqual({ status: "cancelled" });
    engine.cancels = [];
  }
  await Promise.all(closed);
  await expect.poll(() => readdir(store.tasks), { interval: 5 }).toEqual([]);
});

test("a failed upload leaves no parts behind", async () => {
  const [engine, store] = [await scriptedEngine(), await objectServer()];
  await workerOf(engine, { s3: store.options, taskFilesDir: store.tasks })
    .task("a", async (_params, { filesDir }) => {
      await writeFile(join(filesDir, "y"), bytes(17 * mib));
      return { y: join(filesDir, "y") };
    })
    .start();
  store.fault = ({ url }) => (url?.includes("partNumber=2") ? 403 : undefined);
  const { error } = await engine.resultOf(engine.give({ type: "a" })[0]);
  expect(error.code).toBe("PERMANENT_ERROR");
  expect(store.requests.at(-1)).toMatch(/^DELETE .*uploadId=/);
  expect(store.requests.filter((one) => one.startsWith("POST") && one.includes("uploadId"))).toEqual([]);
});

test("without the library a worker says what to install", async () => {
  const script = fileURLToPath(new URL("./without-s3mini.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", script]);
  expect(stdout).toBe("s3: moving files to and from a store needs a package that isn't there: npm install s3mini\n");
});
