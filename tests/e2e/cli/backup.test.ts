import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inspectSqlite } from "avtomatika/internal/storage/sqlite/inspect-sqlite";
import { expect, test } from "vitest";
import { call, Folder, flow, type Program } from "./program.ts";

const folder = new Folder();
const patient = { timeout: 60_000 };

const asking = `import { StateMachineBlueprint } from "avtomatika";
export const flow = new StateMachineBlueprint({ name: "asking", apiVersion: "v1", apiEndpoint: "/asking" });
flow.handlerFor("start", { isStart: true }, ({ actions }) =>
  actions.awaitHumanApproval({ integration: "test", message: "?", transitions: { approved: "end" } }));
flow.handlerFor("end", { isEnd: true }, ({ initialData }) => ({ n: initialData.n }));
`;

function serve(store: string): Program {
  folder.write("asking.ts", asking);
  return folder.start(["start", "asking.ts", "--port", "0", "--host", "127.0.0.1", "--storage", `sqlite:${store}`], {
    // One client creates as fast as it can.
    RATE_LIMITING_ENABLED: "false",
  });
}

async function create(url: string, n: number): Promise<string> {
  return (await call("POST", `${url}/api/v1/asking?wait=0`, { initial_data: { n } })).job_id;
}

/** A client that creates jobs, one after the other on each of four connections, until it is stopped. */
function createMany(url: string): { created: string[]; stop: () => Promise<void> } {
  const created: string[] = [];
  let goesOn = true;
  const work = async () => {
    while (goesOn) created.push(await create(url, created.length));
  };
  const done = Promise.all([work(), work(), work(), work()]);
  return {
    created,
    stop: async () => {
      goesOn = false;
      await done;
    },
  };
}

test(
  "copies made under load hold all that was acknowledged, and another engine finishes their jobs",
  patient,
  async () => {
    const engine = serve("busy/engine.db");
    const url = await engine.url;
    const load = createMany(url);
    const counts: number[] = [];
    for (const name of ["one.db", "two.db"]) {
      const before = load.created.length;
      await expect.poll(() => load.created.length, { timeout: 30_000 }).toBeGreaterThan(before + 50);
      const acknowledged = [...load.created];
      counts.push(acknowledged.length);
      const { code, stdout, stderr } = await folder.run(["backup", name, "--storage", "sqlite:busy/engine.db"]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(
        new RegExp(`^${folder.path}/${name}: \\d+ jobs, \\d+ bytes, from .*/busy/engine\\.db\\n$`),
      );
      const copied = new Set(inspectSqlite(join(folder.path, name)).shards[0]?.jobs.map(({ id }) => id));
      expect(acknowledged.filter((id) => !copied.has(id))).toEqual([]);
      expect(integrity(name)).toBe("ok");
    }
    await load.stop();
    expect(load.created.length).toBeGreaterThan(counts[1] as number);
    engine.child.kill("SIGTERM");
    expect((await engine.end).code).toBe(0);

    const other = serve("two.db");
    const at = await other.url;
    const ids = load.created.slice(0, counts[1]);
    for (const id of ids) {
      await expect.poll(async () => (await call("GET", `${at}/api/v1/jobs/${id}`)).waiting_for?.kind).toBe("human");
      await call("POST", `${at}/api/v1/jobs/${id}/approval`, { decision: "approved" });
    }
    const ended = await Promise.all(ids.map((id) => call("GET", `${at}/api/v1/jobs/${id}?wait=30`)));
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(["finished"]));
    other.child.kill("SIGTERM");
    expect((await other.end).code).toBe(0);
  },
);

test("an engine that was killed, and one that was stopped: what it left can be copied", patient, async () => {
  const killed = serve("left/engine.db");
  const id = await create(await killed.url, 7);
  killed.child.kill("SIGKILL");
  await killed.end;
  chmodSync(join(folder.path, "left/engine.db"), 0o600);
  expect(await folder.run(["backup", "killed.db", "--storage", "sqlite:left/engine.db"])).toMatchObject({ code: 0 });
  expect(statSync(join(folder.path, "killed.db")).mode & 0o777).toBe(0o600);
  const stopped = serve("killed.db");
  expect((await call("GET", `${await stopped.url}/api/v1/jobs/${id}`)).initial_data).toEqual({ n: 7 });
  stopped.child.kill("SIGTERM");
  await stopped.end;
  const again = await folder.run(["backup", "stopped.db"], { STORAGE_URI: "sqlite:killed.db" });
  expect(again.stdout).toContain("/stopped.db: 1 jobs, ");
});

test("what can't be copied, or would be overwritten, is told with its path, and leaves nothing behind", async () => {
  folder.write("flow.ts", flow("any"));
  folder.write("text.db", "this is no database, but long enough to be taken for one".repeat(40));
  folder.write("taken.db", "mine");
  folder.write("stale.db-wal", "of another file");
  folder.write("sub/x", "");
  const source = serve("fine/engine.db");
  await source.url;
  const fine = ["--storage", "sqlite:fine/engine.db"];
  const cases: [string[], string, Record<string, string>?][] = [
    [["a.db"], `${folder.path}/.avtomatika/engine.db doesn't exist`],
    [["a.db", "--storage", "sqlite:no/engine.db"], `${folder.path}/no/engine.db doesn't exist`],
    [["a.db", "--storage", "memory"], "a memory store lives and ends with its engine"],
    [["a.db"], "a memory store lives and ends with its engine", { STORAGE_URI: "memory" }],
    [["a.db", "--storage", "redis://h"], "a Redis server keeps its data itself: copy its snapshot"],
    [["a.db", "--storage", "sqlit:x"], "expected memory, sqlite:PATH or redis://HOST"],
    [["a.db", "--storage", "sqlite:text.db"], `${folder.path}/text.db is not a SQLite file`],
    [["taken.db", ...fine], `${folder.path}/taken.db is there already`],
    [["stale.db", ...fine], `${folder.path}/stale.db-wal is there already`],
    [["fine/engine.db", ...fine], `${folder.path}/fine/engine.db is there already`],
    [["sub", ...fine], `${folder.path}/sub is a folder: name a file in it`],
    [["none/a.db", ...fine], `there is no folder ${folder.path}/none`],
    [[], "missing required argument"],
  ];
  const ends = await Promise.all(cases.map(([args, , env]) => folder.run(["backup", ...args], env)));
  for (const [at, { code, stdout, stderr }] of ends.entries()) {
    expect([code, stdout], stderr).toEqual([1, ""]);
    expect(stderr).toContain(cases[at]?.[1]);
    expect(stderr).not.toMatch(/^ {4}at /m);
  }
  expect(folder.read("taken.db")).toBe("mine");
  const left = readdirSync(folder.path, { recursive: true, encoding: "utf8" });
  expect(left.filter((name) => /partial|(^|\/)(a|stale)\.db$/.test(name))).toEqual([]);
});

function integrity(name: string): unknown {
  const db = new DatabaseSync(join(folder.path, name), { readOnly: true });
  const { integrity_check: verdict } = db.prepare("PRAGMA integrity_check").get() as { integrity_check: string };
  db.close();
  return verdict;
}
