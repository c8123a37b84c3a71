import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import type { AnyParams, TaskHandler } from "@avtomatika/worker";
import { expect, test } from "vitest";
import { folderProblem } from "#files/fetch-folder";
import { type ObjectServer, objectServer } from "./object-server.ts";
import { type ScriptedEngine, scriptedEngine, workerOf } from "./scripted-engine.ts";

/** An engine, a store, and a worker that does `a`. */
async function employed(handler: TaskHandler<AnyParams>): Promise<{ engine: ScriptedEngine; store: ObjectServer }> {
  const [engine, store] = [await scriptedEngine(), await objectServer()];
  const options = { s3: { ...store.options, maxTransfers: 4 }, taskFilesDir: store.tasks };
  await workerOf(engine, options).task("a", handler).start();
  return { engine, store };
}

const failure = (code: string, message: unknown) => ({ status: "failure", error: { code, message } });

test("addresses anywhere in the params become files, paths anywhere in the data become addresses", async () => {
  const { engine, store } = await employed(async (params, { filesDir }) => {
    const texts = await Promise.all([params.file, params.deep.list[1].other].map((path) => readFile(path, "utf8")));
    const out = join(filesDir, "out", "résumé & co.txt");
    await mkdir(dirname(out));
    await writeFile(out, texts.join("+"));
    return { params, deep: [{ out, again: out }, "text", 5, null], dir: basename(filesDir), text: `in ${filesDir}` };
  });
  await store.put("a/x.txt", "one");
  await store.put("b/x.txt", "two");
  const params = {
    file: "s3://inputs/a/x.txt",
    same: "s3://inputs/a/x.txt",
    deep: { list: [1, { other: "s3://inputs/b/x.txt" }] },
    text: "see s3://inputs/a/x.txt",
    "s3://inputs/key": true,
  };
  const { data } = await engine.resultOf(engine.give({ type: "a", params })[0]);
  // What was fetched and is as it was goes back as the address that it came from.
  expect(data.params).toEqual(params);
  const [{ out, again }, ...others] = data.deep;
  expect(others).toEqual(["text", 5, null]);
  expect(out).toBe(again);
  expect(out).toBe(`s3://outputs/job-1/${data.dir}/out/résumé & co.txt`);
  expect(await store.get(out)).toBe("one+two");
  expect(data.text).toMatch(/^in \//);
  expect(await store.keys("outputs")).toHaveLength(1);
});

test("a fetched file that was changed is stored anew, two of one name don't meet", async () => {
  const { engine, store } = await employed(async ({ first, second }) => {
    await writeFile(first, "changed");
    return { first, second, names: [basename(first), basename(second)] };
  });
  await store.put("a/x.txt", "one");
  await store.put("b/X.txt", "two");
  const params = { first: "s3://inputs/a/x.txt", second: "s3://inputs/b/X.txt" };
  const { data } = await engine.resultOf(engine.give({ type: "a", params })[0]);
  expect(data.names).toEqual(["x.txt", "2-X.txt"]);
  expect(data.second).toBe(params.second);
  expect(data.first).toMatch(/^s3:\/\/outputs\/job-1\/.*\/x\.txt$/);
  expect([await store.get(data.first), await store.get(params.first)]).toEqual(["changed", "one"]);
});

test("an address that ends with a slash is a folder, and so is the path of a folder", async () => {
  const { engine, store } = await employed(async ({ input, only }, { filesDir }) => {
    const names = (await readdir(input, { recursive: true })).sort();
    if (only) return { names };
    const output = join(filesDir, "frames");
    await mkdir(join(output, "deep", "empty"), { recursive: true });
    await writeFile(join(output, "1.txt"), "one");
    await writeFile(join(output, "deep", "2 é.txt"), "two");
    await symlink(join(output, "1.txt"), join(output, "link.txt"));
    return { names, name: basename(input), output };
  });
  for (const key of ["set/a.txt", "set/deep/b&<c>.txt", "set/123", "set/empty/", "settled/no.txt"]) {
    await store.put(key, key.endsWith("/") ? "" : "x");
  }
  const { data } = await engine.resultOf(engine.give({ type: "a", params: { input: "s3://inputs/set/" } })[0]);
  expect([data.name, data.names]).toEqual(["set", ["123", "a.txt", "deep", join("deep", "b&<c>.txt"), "empty"]]);
  expect(data.output).toMatch(/^s3:\/\/outputs\/job-1\/[^/]+\/frames\/$/);
  const prefix = data.output.slice("s3://outputs/".length);
  const keys = ["1.txt", "deep/2 é.txt", "deep/empty/", "link.txt"].map((name) => prefix + name);
  expect((await store.keys("outputs")).sort()).toEqual(keys);
  // What was stored can be fetched.
  const again = await engine.resultOf(engine.give({ type: "a", params: { input: data.output, only: true } })[0]);
  expect(again.data.names).toEqual(["1.txt", "deep", join("deep", "2 é.txt"), join("deep", "empty"), "link.txt"]);
});

test.each<[string, string, string]>([
  ["s3://inputs/../../etc/passwd", "INVALID_INPUT_ERROR", 'no part of a key is "." or ".."'],
  ["s3://../etc/passwd", "INVALID_INPUT_ERROR", "there is no bucket's name"],
  ["s3://inputs//etc/passwd", "INVALID_INPUT_ERROR", "a key doesn't begin with a slash"],
  ["s3://inputs/a/./b", "INVALID_INPUT_ERROR", 'no part of a key is "." or ".."'],
  ["s3://inputs/a\0b", "INVALID_INPUT_ERROR", "a key has no NUL"],
  ["s3://inputs", "INVALID_INPUT_ERROR", "there is no key; a whole bucket ends with a slash"],
  ["s3://", "INVALID_INPUT_ERROR", "there is no bucket's name"],
  [`s3://inputs/${"x".repeat(300)}`, "INVALID_INPUT_ERROR", "no file can be called"],
  [`s3://inputs/${"x/".repeat(600)}y`, "INVALID_INPUT_ERROR", "a key has at most 1024 bytes"],
  ["s3://inputs/missing.txt", "INVALID_INPUT_ERROR", "s3://inputs/missing.txt isn't there (404 NoSuchKey)"],
  ["s3://inputs/missing/", "INVALID_INPUT_ERROR", "there is nothing below s3://inputs/missing/"],
  ["s3://nowhere/x.txt", "INVALID_INPUT_ERROR", "s3://nowhere/x.txt isn't there (404 NoSuchBucket)"],
  ["s3://nowhere/", "INVALID_INPUT_ERROR", 'there is no bucket "nowhere"'],
])("params with %s are refused, and no handler runs", async (address, code, message) => {
  let runs = 0;
  const { engine, store } = await employed(() => {
    runs += 1;
  });
  const { status, error } = await engine.resultOf(engine.give({ type: "a", params: { x: [address] } })[0]);
  expect([status, error.code]).toEqual(["failure", code]);
  expect(error.message).toMatch(/^params\.x\[0\]: /);
  expect(error.message).toContain(message);
  expect(runs).toBe(0);
  expect(store.requests.filter((one) => !/^(GET|HEAD) \/(inputs|nowhere)/.test(one))).toEqual([]);
});

test.each<[string[], string | null]>([
  [["", "a", "b/", "b/c", "b/d/e", "..a", "a..b"], null],
  [["a", "../x"], 'it has "../x", and no part of a key is "." or ".."'],
  [["b/../../x"], 'it has "b/../../x", and no part of a key is "." or ".."'],
  [["../"], 'it has "../", and no part of a key is "." or ".."'],
  [["/etc/passwd"], 'it has "/etc/passwd", and a key doesn\'t begin with a slash'],
  [["a//b"], 'it has "a//b", and a file has a name'],
  [["a\0"], 'it has "a\\u0000", and a key has no NUL'],
  [["a", "a/b"], 'it has "a" as a file and as a folder'],
])("a folder of %j", (names, problem) => {
  expect(folderProblem(names)).toBe(problem);
});

test("paths that aren't there or lead out of the folder are refused; what isn't in the folder is just a text", async () => {
  const outside = await employed(async ({ how }, { filesDir }) => {
    const path = join(filesDir, "x");
    if (how === "link") await symlink("/etc/passwd", path);
    if (how === "folder") await symlink("/etc", path);
    if (how === "deep") {
      await mkdir(path);
      await symlink("/etc/passwd", join(path, "secret"));
    }
    if (how === "circle") {
      await mkdir(path);
      await symlink(path, join(path, "again"));
    }
    if (how === "text") {
      await writeFile(path, "");
      const up = `${filesDir}${sep}..`;
      return { texts: ["/etc/passwd", up, `${filesDir}-x`, `${filesDir}${sep}a\0b`, `${path}${sep}..${sep}..`] };
    }
    return { path: how === "below" ? join(path, "passwd") : path };
  });
  const { engine, store } = outside;
  const hows = ["link", "folder", "deep", "circle", "missing"];
  const ids = engine.give(...hows.map((how) => ({ type: "a", params: { how } })));
  const ends = await Promise.all(ids.map((id) => engine.resultOf(id)));
  expect(ends).toEqual([
    failure(
      "PERMANENT_ERROR",
      expect.stringMatching(/^result\.data\.path: .*is a link that leads out of the task's folder$/),
    ),
    failure(
      "PERMANENT_ERROR",
      expect.stringMatching(/^result\.data\.path: .*is a link that leads out of the task's folder$/),
    ),
    failure("PERMANENT_ERROR", expect.stringMatching(/secret is a link that leads out of the task's folder$/)),
    failure("PERMANENT_ERROR", expect.stringMatching(/again is neither a file nor a folder, nor a link to a file$/)),
    failure("PERMANENT_ERROR", expect.stringMatching(/^result\.data\.path: .*isn't there/)),
  ]);
  const { data } = await engine.resultOf(engine.give({ type: "a", params: { how: "text" } })[0]);
  expect(data.texts[0]).toBe("/etc/passwd");
  expect(data.texts.every((text: string) => !text.startsWith("s3:"))).toBe(true);
  expect(await store.keys("outputs")).toEqual([]);
});

test("the folder is there until the engine has the result, and two attempts have two", async () => {
  const folders: string[] = [];
  const { engine, store } = await employed(async ({ text }, { filesDir }) => {
    folders.push(filesDir);
    await writeFile(join(filesDir, "out.txt"), text);
    return { out: join(filesDir, "out.txt") };
  });
  let away = true;
  engine.scripts.result = (call) => (away ? { status: 503 } : engine.usual(call));
  const task = { type: "a", task_id: "t-1" };
  engine.give({ ...task, params: { text: "first" } });
  await engine.until(() => engine.of("result").length === 2);
  expect(existsSync(join(folders[0] ?? "", "out.txt"))).toBe(true);
  away = false;
  const first = await engine.resultOf("t-1");
  await expect.poll(() => existsSync(folders[0] ?? ""), { interval: 5 }).toBe(false);
  engine.results.clear();
  engine.give({ ...task, attempt: 2, params: { text: "second" } });
  const second = await engine.resultOf("t-1");
  expect([await store.get(first.data.out), await store.get(second.data.out)]).toEqual(["first", "second"]);
  expect(first.data.out).toMatch(/^s3:\/\/outputs\/job-1\/t-1-1-\w{6}\/out\.txt$/);
  expect(second.data.out).toMatch(/^s3:\/\/outputs\/job-1\/t-1-2-\w{6}\/out\.txt$/);
  await expect.poll(() => readdir(store.tasks), { interval: 5 }).toEqual([]);
});

test("without a store texts stay texts, and a folder is there for whoever asks", async () => {
  const engine = await scriptedEngine();
  const store = await objectServer();
  let folder = "";
  const worker = workerOf(engine, { taskFilesDir: store.tasks })
    .task("a", ({ file }) => ({ file }))
    .task("b", async (_params, { filesDir }) => {
      folder = filesDir;
      await writeFile(join(filesDir, "x"), "");
      return { x: join(filesDir, "x") };
    });
  await worker.start();
  const file = "s3://inputs/x.txt";
  expect((await engine.resultOf(engine.give({ type: "a", params: { file } })[0])).data).toEqual({ file });
  expect(existsSync(store.tasks)).toBe(false);
  const { data } = await engine.resultOf(engine.give({ type: "b" })[0]);
  expect(data).toEqual({ x: join(folder, "x") });
  await worker.stop();
  expect(await readdir(store.tasks)).toEqual([]);
});
