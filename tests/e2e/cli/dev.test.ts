import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { call, Folder, flow, type Program } from "./program.ts";

const folder = new Folder();
const patient = { timeout: 60_000 };
const serves = "the new version serves";

function dev(...args: string[]): Program {
  return folder.start(["dev", ...args, "--port", "0", "--storage", "memory"]);
}

async function version(url: string, name = "dev_flow"): Promise<unknown> {
  return (await call("POST", `${url}/api/v1/${name}?wait=30`, {})).result.version;
}

/** A blueprint whose jobs wait for a decision, doze until the file `go` is there, and work until `release` is. */
function waiting(edition: number): string {
  return `import { existsSync } from "node:fs";
import { StateMachineBlueprint } from "avtomatika";
export const flow = new StateMachineBlueprint({ name: "waiting", apiVersion: "v1", apiEndpoint: "/waiting" });
flow.handlerFor("start", { isStart: true }, ({ initialData, actions }) => actions.transitionTo(initialData.way));
flow.handlerFor("ask", ({ actions }) =>
  actions.awaitHumanApproval({ integration: "test", message: "?", transitions: { approved: "end" } }));
flow.handlerFor("doze", ({ actions }) => existsSync("go") ? actions.transitionTo("end") : actions.sleep({ seconds: 0.05 }, "doze"));
flow.handlerFor("work", async ({ stateHistory, actions }) => {
  stateHistory.worked = ${edition};
  console.error("working");
  while (!existsSync("release")) await new Promise((resolve) => setTimeout(resolve, 10));
  actions.sleep({ seconds: 0 }, "end");
});
flow.handlerFor("end", { isEnd: true }, ({ worked }) => ({ version: ${edition}, worked }));
`;
}

test("jobs that wait, sleep and run stay over a reload, and go on with the new handlers", patient, async () => {
  folder.write("waiting.ts", waiting(1));
  const program = folder.start(["dev", "waiting.ts", "--port", "0", "--storage", "sqlite:kept/dev.db"]);
  const url = await program.url;
  const create = async (way: string) =>
    (await call("POST", `${url}/api/v1/waiting?wait=0`, { initial_data: { way } })).job_id as string;
  const [ask, doze, work] = [await create("ask"), await create("doze"), await create("work")];
  await expect.poll(async () => (await call("GET", `${url}/api/v1/jobs/${ask}`)).waiting_for?.kind).toBe("human");
  await program.told("working");
  folder.write("waiting.ts", waiting(2));
  await program.told("the engine is stopping");
  folder.write("release", "");
  await program.told(serves);
  folder.write("go", "");
  await call("POST", `${url}/api/v1/jobs/${ask}/approval`, { decision: "approved" });
  const ended = await Promise.all([ask, doze, work].map((id) => call("GET", `${url}/api/v1/jobs/${id}?wait=30`)));
  expect(ended.map(({ status }) => status)).toEqual(["finished", "finished", "finished"]);
  expect(ended.map(({ result }) => result)).toEqual([{ version: 2 }, { version: 2 }, { version: 2, worked: 1 }]);
  expect(folder.has("kept/dev.db")).toBe(true);
  program.child.kill("SIGINT");
  const { code, stdout, stderr } = await program.end;
  expect([code, stdout]).toEqual([0, `${url}\n`]);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(stderr).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO the engine listens url=/m);
});

test("a broken module leaves the last good version running and says where, however it is broken", patient, async () => {
  folder.write("broken.ts", flow("dev_flow"));
  const program = dev("broken.ts");
  const url = await program.url;
  const ways: [string, string][] = [
    ["\nexport const a: = 1;", "broken.ts:2: "],
    [flow("dev_flow").replace('To("end")', 'To("edn")'), 'broken.ts:2: blueprint "dev_flow" has'],
    ['\n\nthrow new Error("at the top");', "broken.ts:3:7"],
    ["export const a = 1;", "broken.ts doesn't export a StateMachineBlueprint"],
    ["setTimeout(() => process.exit(3)); await new Promise(() => {});", "can't be loaded"],
  ];
  for (const [at, [text, message]] of ways.entries()) {
    folder.write("broken.ts", text);
    await program.told("the last good version goes on", at + 1);
    await program.told(message);
    expect(await version(url)).toBe(1);
  }
  folder.write("broken.ts", flow("dev_flow", 2));
  await program.told(serves);
  expect(await version(url)).toBe(2);
});

test(
  "imported modules count, also one that was missing; a load that hangs is given up for the next",
  patient,
  async () => {
    folder.write("lib/version.ts", "export const version: number = 1;");
    folder.write("imports.ts", `import { version } from "./lib/version.ts";\n${flow("dev_flow", "version")}`);
    const program = dev("imports.ts");
    const url = await program.url;
    expect(await version(url)).toBe(1);
    folder.write(
      "lib/version.ts",
      'export const version = 0; console.error("hangs"); await new Promise(() => setInterval(() => {}, 1e6));',
    );
    await program.told("hangs");
    folder.write("lib/version.ts", 'export { version } from "./later.ts";');
    await program.told("./later.ts is not found");
    await program.told("the last good version goes on");
    folder.write("lib/later.ts", "export const version: number = 2;");
    await program.told(serves);
    expect(await version(url)).toBe(2);
  },
);

test("in a folder, modules come and go", patient, async () => {
  folder.write("flows/a.ts", flow("a"));
  const program = dev("flows");
  const url = await program.url;
  folder.write("flows/deep/b.ts", flow("b"));
  await program.told(serves);
  expect([await version(url, "a"), await version(url, "b")]).toEqual([1, 1]);
  rmSync(join(folder.path, "flows/a.ts"));
  await program.told(serves, 2);
  expect((await call("GET", `${url}/api/v1/blueprints`)).map(({ name }: { name: string }) => name)).toEqual(["b"]);
});

test(
  "a module that is broken at first, and an engine that ends by itself: it waits for a change",
  patient,
  async () => {
    folder.write("late.ts", "export const a: = 1;");
    const program = dev("late.ts");
    await program.told("waiting for a change");
    folder.write("late.ts", flow("dev_flow", "process.exit(3)"));
    const url = await program.url;
    await call("POST", `${url}/api/v1/dev_flow?wait=0`, {});
    await program.told("the engine has ended by itself (exit code 3)");
    folder.write("late.ts", flow("dev_flow", 2));
    await program.told(serves);
    expect(await version(url)).toBe(2);
  },
);

test.each(["SIGTERM", "SIGKILL"] as const)("after %s nothing is left", patient, async (signal) => {
  folder.write("stop.ts", `setInterval(() => {}, 1e6);\n${flow("dev_flow")}`);
  const program = dev("stop.ts");
  const url = await program.url;
  program.child.kill(signal);
  // Its engine has the same stderr: that is closed once both are gone.
  const { code, stderr } = await program.end;
  expect(code).toBe(signal === "SIGTERM" ? 0 : null);
  expect(stderr).toContain("the engine has stopped");
  await expect(fetch(url)).rejects.toThrow();
});

test("a second signal ends everything at once", patient, async () => {
  folder.write(
    "stuck.ts",
    flow("dev_flow", '(console.error("begun"), new Promise(() => setInterval(() => {}, 1e6)))')
      .replace("() => ({", "async () => ({")
      .replace("version: (", "version: await ("),
  );
  const program = dev("stuck.ts");
  await call("POST", `${await program.url}/api/v1/dev_flow?wait=0`, {});
  await program.told("begun");
  program.child.kill("SIGTERM");
  await program.told("stopping");
  program.child.kill("SIGTERM");
  expect((await program.end).code).toBe(143);
});

test("what no change of a module could mend ends it", patient, async () => {
  folder.write("fine.ts", flow("dev_flow"));
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const port = String((blocker.address() as { port: number }).port);
  const holder = folder.start(["start", "fine.ts", "--port", "0", "--storage", "sqlite:held.db"]);
  await holder.url;
  const ends = await Promise.all([
    folder.run(["dev", "missing.ts"]),
    folder.run(["dev", "fine.ts", "--port", port, "--storage", "memory"]),
    folder.run(["dev", "fine.ts", "--port", "0", "--storage", "sqlite:held.db"]),
    folder.run(["dev", "fine.ts"], { JOB_MAX_RETRIES: "many" }),
    folder.run(["dev", "fine.ts", "--storage", "redis://:secret@127.0.0.1:1"]),
    folder.run(["dev", "fine.ts", "--host", "0.0.0.0"]),
  ]);
  blocker.close();
  expect(ends.map(({ code, stdout }) => [code, stdout])).toEqual(ends.map(() => [1, ""]));
  const messages = [
    "there is no file or folder missing.ts",
    `can't listen at 127.0.0.1:${port}: another program has the port`,
    "held.db is in use by another engine",
    'JOB_MAX_RETRIES: expected a whole number from 0 to 1000000, got "many"',
    "can't reach Redis at redis://127.0.0.1:1: ",
    "unknown option '--host'",
  ];
  for (const [at, { stderr }] of ends.entries()) expect(stderr).toContain(messages[at]);
});
