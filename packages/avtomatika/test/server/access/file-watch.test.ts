import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { signatureOf } from "#config/signature-of";
import { FileWatch } from "#server/access/file-watch";

const patience = { timeout: 20_000 };
let folder = "";
let file = "";
let changes = 0;
const watches: FileWatch[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "avtomatika-watch-"));
  file = join(folder, "clients.toml");
  changes = 0;
});
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As its owner does: what is there when it says that something changed is known. */
function start(known = signatureOf(file)): void {
  const watch: FileWatch = new FileWatch(file, known, () => {
    changes += 1;
    watch.mark(signatureOf(file));
  });
  watches.push(watch);
}

test("a file that is written again is another one", async () => {
  writeFileSync(file, "a");
  start();
  writeFileSync(file, "another");
  await expect.poll(() => changes, patience).toBe(1);
});

test("a file that changed before the watch began is told of", async () => {
  writeFileSync(file, "a");
  const known = signatureOf(file);
  writeFileSync(file, "other");
  start(known);
  await expect.poll(() => changes, patience).toBe(1);
});

test("an editor puts a new file in the place of the old one, again and again", async () => {
  writeFileSync(file, "a");
  start();
  for (const turn of [1, 2, 3]) {
    writeFileSync(join(folder, ".clients.toml.swp"), `version ${turn}`);
    renameSync(join(folder, ".clients.toml.swp"), file);
    await expect.poll(() => changes, patience).toBe(turn);
  }
});

test("Kubernetes puts another folder behind the link beside the file", async () => {
  const put = (version: string) => {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, "clients.toml"), version);
    symlinkSync(version, join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  };
  put("..one");
  symlinkSync(join("..data", "clients.toml"), file);
  start();
  put("..two");
  await expect.poll(() => changes, patience).toBe(1);
});

test("a file that goes and comes back is told of, although its folder went with it", async () => {
  const inner = join(folder, "inner");
  mkdirSync(inner);
  file = join(inner, "clients.toml");
  writeFileSync(file, "a");
  start();
  rmSync(inner, { recursive: true });
  await expect.poll(() => changes, patience).toBe(1);
  mkdirSync(inner);
  writeFileSync(file, "another");
  await expect.poll(() => changes, patience).toBe(2);
});

test("other files of the folder don't count, nor does what its owner has read already", async () => {
  writeFileSync(file, "a");
  start();
  writeFileSync(join(folder, "engine.db"), "x");
  writeFileSync(file, "another");
  watches[0]?.mark(signatureOf(file));
  const witness = join(folder, "witness");
  writeFileSync(witness, "a");
  let seen = false;
  const other = new FileWatch(witness, "", () => {
    seen = true;
    other.close();
  });
  await expect.poll(() => seen, patience).toBe(true);
  expect(changes).toBe(0);
});
