// Whatever a user can misspell is told with the name that was probably meant: never taken in silence, never just refused.
import { AvtomatikaClient } from "@avtomatika/client";
import { type Logger, Worker } from "@avtomatika/worker";
import { loadConfig, MemoryStorage, OrchestratorEngine, SqliteStorage, StateMachineBlueprint } from "avtomatika";
import { simulate, testBlueprint } from "avtomatika/testing";
import { afterEach, expect, test, vi } from "vitest";
import { Folder, flow as flowModule } from "../e2e/cli/program.ts";

// biome-ignore lint/suspicious/noExplicitAny: a call as JavaScript may make it
type Any = any;

const folder = new Folder();
folder.write("flow.ts", flowModule("flow"));
const settings = { clientToken: "client", globalWorkerToken: "worker", apiHost: "127.0.0.1", apiPort: 0 };
const transitions = { success: "end" };
const task = { taskType: "t", transitions };
const fanOut = { tasks: [], aggregateInto: "joined" };
const approval = { integration: "desk", message: "sell?", transitions: { yes: "end" } };

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each<[given: string, meant: string, act: (actions: Any, name: (text: string) => string) => void]>([
  ["taskTyp", "taskType", (actions) => actions.dispatchTask({ taskTyp: "t", transitions })],
  ["timeoutSecond", "timeoutSeconds", (actions) => actions.dispatchTask({ ...task, timeoutSecond: 1 })],
  ["max_cost", "maxCost", (actions) => actions.dispatchTask({ ...task, max_cost: 1 })],
  ["priorty", "priority", (actions) => actions.dispatchTask({ ...task, priorty: 1 })],
  ["maxRetrys", "maxRetries", (actions) => actions.dispatchTask({ ...task, retry: { maxRetrys: 1 } })],
  ["delaySecond", "delaySeconds", (actions) => actions.dispatchTask({ ...task, retry: { delaySecond: 1 } })],
  ["cheepest", "cheapest", (actions) => actions.dispatchTask({ ...task, dispatchStrategy: "cheepest" })],
  ["ende", "end", (actions, name) => actions.dispatchTask({ ...task, transitions: { success: name("ende") } })],
  ["agregateInto", "aggregateInto", (actions) => actions.dispatchParallel({ tasks: [], agregateInto: "joined" })],
  ["onFailur", "onFailure", (actions) => actions.dispatchParallel({ ...fanOut, onFailur: "end" })],
  ["taskTyp", "taskType", (actions) => actions.dispatchParallel({ ...fanOut, tasks: [{ taskTyp: "t" }] })],
  ["setled", "settled", (actions) => actions.dispatchParallel({ ...fanOut, policy: "setled" })],
  ["quorm", "quorum", (actions) => actions.dispatchParallel({ ...fanOut, policy: { quorm: 1 } })],
  ["joind", "joined", (actions, name) => actions.dispatchParallel({ tasks: [], aggregateInto: name("joind") })],
  ["ende", "end", (actions, name) => actions.dispatchParallel({ ...fanOut, onFailure: name("ende") })],
  ["mesage", "message", (actions) => actions.awaitHumanApproval({ ...approval, mesage: "m" })],
  ["timeoutStat", "timeoutState", (actions) => actions.awaitHumanApproval({ ...approval, timeoutStat: "end" })],
  [
    "ende",
    "end",
    (actions, name) => actions.awaitHumanApproval({ ...approval, timeoutSeconds: 1, timeoutState: name("ende") }),
  ],
  ["bluprintName", "blueprintName", (actions) => actions.runBlueprint({ bluprintName: "b", transitions })],
  ["sucess", "success", (actions) => actions.runBlueprint({ blueprintName: "b", transitions: { sucess: "end" } })],
  ["second", "seconds", (actions) => actions.sleep({ second: 1 }, "end")],
  ["ende", "end", (actions, name) => actions.sleep({ seconds: 1 }, name("ende"))],
  ["ende", "end", (actions, name) => actions.transitionTo(name("ende"))],
])("an action: %s, meant was %s", async (given, meant, act) => {
  const flow = new StateMachineBlueprint({ name: "flow" });
  // A name that comes from a function can't be read at registration: the call has to refuse it.
  const handler = ({ actions }: Any) => act(actions, (text) => text);
  flow.handlerFor("start", { isStart: true, transitions: ["end", "joined"] }, handler);
  flow.aggregatorFor("joined", { transitions: ["end"] }, ({ actions }) => actions.transitionTo("end"));
  flow.handlerFor("end", { isEnd: true }, () => {});
  const kit = await testBlueprint(flow, { settings: { jobMaxRetries: 0 } });
  const job = await kit.run();
  kit.close();
  expect(job.status).toBe("quarantined");
  expectHint(job.errorMessage ?? "", given, meant);
});

test.each<[given: string, meant: string, write: (flow: Any) => void]>([
  ["isStrat", "isStart", (flow) => flow.handlerFor("start", { isStrat: true }, () => {})],
  ["is_end", "isEnd", (flow) => flow.handlerFor("start", { is_end: true }, () => {})],
  ["transition", "transitions", (flow) => flow.aggregatorFor("joined", { transition: ["end"] }, () => {})],
  ["transition", "transitions", (flow) => flow.handlerFor("end").when("true", { transition: ["end"] }, () => {})],
  ["ende", "end", (flow) => flow.handlerFor("a", ({ actions }: Any) => actions.transitionTo("ende"))],
  ["ende", "end", (flow) => flow.handlerFor("a", { transitions: ["ende"] }, () => {})],
])("a blueprint: %s, meant was %s", (given, meant, write) => {
  const flow = new StateMachineBlueprint({ name: "flow" });
  flow.handlerFor("start", { isStart: true }, ({ actions }) => actions.transitionTo("end"));
  flow.handlerFor("end", { isEnd: true }, () => {});
  write(flow);
  expectHint(
    thrown(() => flow.validate()),
    given,
    meant,
  );
});

const flow = new StateMachineBlueprint({ name: "flow" });
flow.handlerFor("start", { isStart: true, isEnd: true }, () => {});
const engine = new OrchestratorEngine({
  storage: new MemoryStorage(),
  config: loadConfig({ ...settings, logLevel: "error" }),
});
const make = (options: object) => new AvtomatikaClient({ url: "http://127.0.0.1:1", token: "t", ...options });
const client = make({}) as Any;
const work = (options: object) => new Worker({ token: "t", ...options });

test.each<[what: string, given: string, meant: string, call: () => unknown]>([
  ["loadConfig", "apiPrt", "apiPort", () => loadConfig({ apiPrt: 1 } as object)],
  [
    "StateMachineBlueprint",
    "apiEndpont",
    "apiEndpoint",
    () => new StateMachineBlueprint({ name: "x", apiEndpont: "/x" } as Any).validate(),
  ],
  ["OrchestratorEngine", "storag", "storage", () => new OrchestratorEngine({ storag: new MemoryStorage() } as object)],
  ["MemoryStorage", "shard", "shards", () => new MemoryStorage({ shard: 1 } as object)],
  ["SqliteStorage", "synchronus", "synchronous", () => new SqliteStorage("x.db", { synchronus: "NORMAL" } as object)],
  ["testBlueprint", "blueprint", "blueprints", () => testBlueprint(flow, { blueprint: [] } as object)],
  [
    "its settings",
    "jobMaxRetry",
    "jobMaxRetries",
    () => testBlueprint(flow, { settings: { jobMaxRetry: 1 } as object }),
  ],
  ["simulate", "expects", "expect", () => simulate(flow, { expects: () => {} } as Any)],
  ["AvtomatikaClient", "tokn", "token", () => make({ tokn: "x" })],
  ["its retry", "maxRetry", "maxRetries", () => make({ retry: { maxRetry: 1 } })],
  ["jobs.create", "idempotencykey", "idempotencyKey", () => client.jobs.create("/x", {}, { idempotencykey: "k" })],
  ["jobs.run", "resultSchem", "resultSchema", () => client.jobs.run("/x", {}, { resultSchem: {} })],
  ["jobs.get", "signl", "signal", () => client.jobs.get("j", { signl: 1 })],
  ["jobs.wait", "timeout", "timeoutMs", () => client.jobs.wait("j", { timeout: 1 })],
  ["jobs.list", "stats", "status", () => client.jobs.list({ stats: "failed" })],
  ["jobs.cancel", "signl", "signal", () => client.jobs.cancel("j", { signl: 1 })],
  ["jobs.explain", "signl", "signal", () => client.jobs.explain("j", { signl: 1 })],
  ["approvals.decide", "coment", "comment", () => client.approvals.decide("j", "yes", { coment: "x" })],
  ["quarantine.list", "limt", "limit", () => client.quarantine.list({ limt: 1 })],
  ["quarantine.requeue", "pach", "patch", () => client.quarantine.requeue("j", { pach: {} })],
  ["quarantine.discard", "signl", "signal", () => client.quarantine.discard("j", { signl: 1 })],
  ["workers.list", "signl", "signal", () => client.workers.list({ signl: 1 })],
  ["blueprints.list", "signl", "signal", () => client.blueprints.list({ signl: 1 })],
  ["dashboard", "signl", "signal", () => client.dashboard({ signl: 1 })],
  ["Worker", "maxConcurentTasks", "maxConcurrentTasks", () => work({ maxConcurentTasks: 4 })],
  ["worker.task", "maxConcurent", "maxConcurrent", () => (work({}) as Any).task("t", { maxConcurent: 1 }, () => {})],
])("%s: %s, meant was %s", async (_what, given, meant, call) => {
  expectHint(await refused(call), given, meant);
});

test.each<[what: string, given: string, meant: string, call: (kit: Any) => unknown]>([
  ["create", "metdata", "metadata", (kit) => kit.create({}, { metdata: {} })],
  ["worker", "maxConcurrentTask", "maxConcurrentTasks", (kit) => kit.worker("t", { maxConcurrentTask: 1 }, () => {})],
  ["approve", "coment", "comment", (kit) => kit.approve("j", "yes", { coment: "x" })],
  ["requeue", "pach", "patch", (kit) => kit.requeue("j", { pach: {} })],
  ["advance", "day", "days", (kit) => kit.advance({ day: 1 })],
  ["advance", "dayz", "day", (kit) => kit.advance("2 dayz")],
])("the kit's %s: %s, meant was %s", async (_what, given, meant, call) => {
  const kit = await testBlueprint(flow);
  const message = await refused(() => call(kit));
  kit.close();
  expectHint(message, given, meant);
});

test("engine.createJob: its options, and the blueprint's name", async () => {
  engine.registerBlueprint(flow);
  await engine.start();
  const { createJob } = engine as Any;
  const create = (...args: unknown[]) => refused(() => createJob.apply(engine, args));
  const [option, name] = [await create("flow", {}, { priorty: 1 }), await create("flwo")];
  await engine.stop();
  expectHint(option, "priorty", "priority");
  expectHint(name, "flwo", "flow");
});

test.each([
  [["strat", "flow.ts"], "strat", "start"],
  [["start", "--prot", "1", "flow.ts"], "--prot", "--port"],
  [["start", "--hots", "x", "flow.ts"], "--hots", "--host"],
  [["dev", "--storgae", "memory", "flow.ts"], "--storgae", "--storage"],
  [["graph", "--fromat", "svg", "flow.ts"], "--fromat", "--format"],
  [["graph", "--blueprnt", "flow", "flow.ts"], "--blueprnt", "--blueprint"],
  [["backup", "--storge", "x", "copy.db"], "--storge", "--storage"],
  [["--verson"], "--verson", "--version"],
  [["validate", "flwo.ts"], "flwo.ts", "flow.ts"],
])("the command line: %j", async (args, given, meant) => {
  const { code, stdout, stderr } = await folder.run(args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(given);
  expect(stderr.toLowerCase()).toMatch(new RegExp(`did you mean "?${meant}"?\\?`));
});

test("a variable of the engine: a warning at the start", async () => {
  const variables = { WORKER_TIMEOUT_SECOND: "5", APP_HOST: "x", REDIS_PORT: "tcp://10.0.0.1:6379", API_HOST: "::1" };
  const options = ["--host", "127.0.0.1", "--port", "0", "--storage", "memory"];
  const program = folder.start(["start", "flow.ts", ...options], variables);
  await program.url;
  program.child.kill("SIGTERM");
  const { stderr } = await program.end;
  expect(suspicions(stderr)).toEqual([["WORKER_TIMEOUT_SECOND", "WORKER_TIMEOUT_SECONDS"]]);
});

test("a variable of the engine that leaves it with a default token in production: both are told", async () => {
  const variables = { NODE_ENV: "production", CLIENT_TOKN: "mine", GLOBAL_WORKER_TOKEN: "ours" };
  const { code, stderr } = await folder.run(["start", "flow.ts", "--storage", "memory"], variables);
  expect(code).toBe(1);
  expect(suspicions(stderr)).toEqual([["CLIENT_TOKN", "CLIENT_TOKEN"]]);
  expect(stderr).toContain("CLIENT_TOKEN is the default one");
});

test("a variable of a worker: a warning at the start, and with the error if it is the token's", async () => {
  vi.stubEnv("MAX_CONCURENT_TASKS", "4");
  vi.stubEnv("WORKER_TIMEOUT_SECONDS", "5");
  const warnings: string[] = [];
  const logger = silent((message) => warnings.push(message));
  const worker = new Worker({ token: "t", orchestratorUrl: "http://127.0.0.1:1", logger }).task("t", () => {});
  const starting = worker.start().catch(() => {});
  await worker.stop();
  await starting;
  expect(suspicions(warnings.join("\n"))).toEqual([["MAX_CONCURENT_TASKS", "MAX_CONCURRENT_TASKS"]]);
  vi.stubEnv("WORKER_TOKNE", "t");
  expectHint(
    thrown(() => new Worker()),
    "WORKER_TOKNE",
    "WORKER_TOKEN",
  );
});

/** The message names what was given, and what was probably meant. */
function expectHint(message: string, given: string, meant: string): void {
  expect(message).toContain(given);
  expect(message).toMatch(new RegExp(`did you mean "?${meant}"?\\?`));
}

function suspicions(text: string): string[][] {
  return [...text.matchAll(/(\w+) is set, but nothing reads it: did you mean (\w+)\?/g)].map((each) => each.slice(1));
}

/** The message of a call that has to throw or reject. */
async function refused(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was taken in silence");
}

function thrown(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was taken in silence");
}

function silent(onWarning: (message: string) => void): Logger {
  const nothing = () => {};
  const warn = (first: string | object) => {
    if (typeof first === "string") onWarning(first);
  };
  const logger: Logger = {
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn,
    error: nothing,
    fatal: nothing,
    child: () => logger,
  };
  return logger;
}
