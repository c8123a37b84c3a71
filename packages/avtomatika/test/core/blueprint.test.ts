import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineBlueprint, StateMachineBlueprint } from "#core/blueprint";
import { AvtomatikaError } from "#core/errors";

// What TypeScript would refuse is tested too: JavaScript has no compiler.
type Loose = { [method: string]: (...args: unknown[]) => Loose };
const loose = (options?: unknown) => new StateMachineBlueprint(options as { name: string }) as unknown as Loose;

/** A blueprint without problems, to which a test adds some. */
function sound(options = {}): StateMachineBlueprint {
  return new StateMachineBlueprint({ name: "flow", ...options })
    .handlerFor("start", { isStart: true }, ({ actions }) => actions.transitionTo("end"))
    .handlerFor("end", { isEnd: true }, () => {});
}

function problemsOf(blueprint: unknown): readonly string[] {
  try {
    (blueprint as StateMachineBlueprint).validate();
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(AvtomatikaError);
    expect(error).toMatchObject({ code: "invalid_blueprint" });
    return (error as AvtomatikaError).details ?? [];
  }
}

const idle = () => {};

describe("the seed's cookbook", () => {
  test("the first program", () => {
    const flow = new StateMachineBlueprint({
      name: "my_first_blueprint",
      apiVersion: "v1",
      apiEndpoint: "/jobs/my_flow",
    });
    flow.handlerFor("start", { isStart: true }, ({ actions }) => {
      actions.transitionTo("end");
    });
    flow.handlerFor("end", { isEnd: true }, ({ jobId }) => {
      void jobId;
    });
    expect(flow.validate()).toEqual({ warnings: [] });
    const definition = defineBlueprint(flow);
    expect(definition).toMatchObject({
      name: "my_first_blueprint",
      apiVersion: "v1",
      apiEndpoint: "jobs/my_flow",
      startState: "start",
      maxTransitions: 10_000,
      dataStores: {},
      inputSchema: undefined,
    });
    expect([...definition.states.keys()]).toEqual(["start", "end"]);
    expect(definition.states.get("end")).toMatchObject({
      isStart: false,
      isEnd: true,
      outcome: "success",
      conditional: [],
    });
  });

  test("everything in one flow", () => {
    const cache = { get: (key: string) => key };
    const flow = new StateMachineBlueprint({ name: "cookbook", dataStores: { cache } });
    flow
      .handlerFor("decision_step", { isStart: true })
      .when("context.initial_data.type == 'urgent'", ({ actions }) => actions.transitionTo("process_files"))
      .handlerFor("decision_step", ({ actions }) => actions.transitionTo("transcode_video"))
      .handlerFor("transcode_video", ({ initialData, actions }) => {
        actions.dispatchTask({
          taskType: "video_transcoding",
          params: { input_path: initialData["path"] },
          transitions: { success: "publish_video", failure: "failed", needs_review: "manual_review" },
        });
      })
      .handlerFor("publish_video", ({ output_path, duration, actions }) => {
        void [output_path, duration];
        actions.transitionTo("complete");
      })
      .handlerFor("manual_review", (context) => {
        context.actions.awaitHumanApproval({
          integration: "telegram",
          message: "ok?",
          transitions: { approved: "publish_video", rejected: "failed" },
        });
      })
      .handlerFor("process_files", ({ initialData, actions }) => {
        const tasks = (initialData["files"] as string[]).map((file) => ({
          taskType: "file_analysis",
          params: { file },
        }));
        actions.dispatchParallel({ tasks, aggregateInto: "aggregate_results" });
      })
      .aggregatorFor("aggregate_results", ({ aggregationResults, stateHistory, actions }) => {
        stateHistory["summary"] = Object.values(aggregationResults).map(({ data }) => data);
        actions.transitionTo("complete");
      })
      .handlerFor("complete", { isEnd: true }, async ({ dataStores }) => {
        await dataStores["cache"].get("user:123");
      });
    expect(flow.validate()).toEqual({ warnings: [] });
    const { states, startState, dataStores } = defineBlueprint(flow);
    expect(startState).toBe("decision_step");
    expect(dataStores["cache"]).toBe(cache);
    expect(states.get("decision_step")).toMatchObject({
      isStart: true,
      conditional: [{ condition: { text: "context.initial_data.type == 'urgent'" } }],
    });
    expect(states.get("decision_step")?.handler).toBeTypeOf("function");
    expect(states.get("aggregate_results")).toMatchObject({ handler: undefined, conditional: [] });
    expect(states.get("aggregate_results")?.aggregator).toBeTypeOf("function");
  });
});

describe("one error that lists every problem", () => {
  test("all at once", () => {
    const flow = new StateMachineBlueprint({ name: "broken", maxTransitions: 0 })
      .handlerFor("start", ({ actions }) => actions.transitionTo("endd"))
      .handlerFor("end", { isEnd: true }, idle);
    expect(() => flow.validate()).toThrow(
      `blueprint "broken" has 3 problems:
- maxTransitions is a whole number of at least 1, got 0
- there is no start state: give one handlerFor the option { isStart: true }
- state "start" leads to "endd", which doesn't exist, did you mean "end"?: add handlerFor("endd", …) or change the name`,
    );
    expect(() => defineBlueprint(sound({ apiVersion: "" }))).toThrow(/^blueprint "flow" has a problem:\n- apiVersion/);
  });

  const cases: [what: string, blueprint: () => unknown, ...problems: (string | RegExp)[]][] = [
    ["no options", () => loose(), /options of a blueprint are an object with a name, got undefined/, /no start state/],
    ["null", () => loose(null), /got null/, /no start/],
    [
      "an unknown option",
      () => sound({ api_endpoint: "/x" }),
      'unknown option "api_endpoint", did you mean "apiEndpoint"?',
    ],
    ["no name", () => sound({ name: "" }), /^name is a text of 1 to 128/],
    ["a long name", () => sound({ name: "x".repeat(129) }), /^name is/],
    ["a version that is no segment", () => sound({ apiVersion: "v1/x" }), /^apiVersion is one segment/],
    ["a version of another type", () => sound({ apiVersion: 1 }), /^apiVersion/],
    ...[
      "",
      "/",
      "a//b",
      "/a/",
      "//a",
      "/a/../b",
      "/a/./b",
      "/:id",
      "/a b",
      "/a?b",
      "/é",
      "/a*",
      `/${"x".repeat(300)}`,
      7,
    ].map((apiEndpoint): [string, () => unknown, RegExp] => [
      `endpoint ${apiEndpoint}`,
      () => sound({ apiEndpoint }),
      /^apiEndpoint is a path/,
    ]),
    ["states that are no list", () => sound({ states: "start" }), /^states is a list/],
    ["an empty list of states", () => sound({ states: [] }), /^states is a list/],
    ["states without name", () => sound({ states: ["start", ""] }), /^states is a list/],
    ["a state listed twice", () => sound({ states: ["start", "end", "end"] }), 'states lists "end" twice'],
    [
      "a listed state without handler",
      () => sound({ states: ["start", "end", "x", "failed"] }),
      /^state "x" is listed in states, but has no handler/,
    ],
    [
      "an unlisted state",
      () => sound({ states: ["start", "ende"] }),
      'state "end" is not among the listed states, did you mean "ende"?',
      /"ende" is listed/,
    ],
    ["stores that are no object", () => sound({ dataStores: [] }), /^dataStores is an object/],
    ["stores that are null", () => sound({ dataStores: null }), /^dataStores is an object/],
    ["stores that are text", () => sound({ dataStores: "x" }), /^dataStores is an object/],
    [
      "a store twice",
      () =>
        sound({ dataStores: { a: 1 } })
          .addDataStore("a", 2)
          .addDataStore("a", 3),
      'data store "a" is given more than once: keep one',
    ],
    ["a store without name", () => sound().addDataStore("", 2), /^addDataStore: the name of a store/],
    ["a schema that is none", () => sound({ inputSchema: { type: "object" } }), /^inputSchema is a Standard Schema/],
    ["a null schema", () => sound({ inputSchema: null }), /^inputSchema/],
    [
      "a schema of another version",
      () => sound({ inputSchema: { "~standard": { version: 2, validate: idle } } }),
      /^inputSchema/,
    ],
    ["a schema without validate", () => sound({ inputSchema: { "~standard": { version: 1 } } }), /^inputSchema/],
    ["a broken maxTransitions", () => sound({ maxTransitions: 1.5 }), /^maxTransitions/],
    ["maxTransitions as text", () => sound({ maxTransitions: "5" }), /^maxTransitions/],
    [
      "two starts",
      () => sound().handlerFor("b", { isStart: true }, ({ actions }) => actions.finish()),
      /^there are 2 start states, "start", "b"/,
    ],
    [
      "a state without name",
      () => chain((flow) => flow["handlerFor"]?.(undefined, idle)),
      /^handlerFor: a state's name is a text/,
    ],
    [
      "a state without name, conditional",
      () => chain((flow) => flow["handlerFor"]?.(7)["when"]?.("true", idle)),
      /^handlerFor: a state's name/,
    ],
    [
      "an aggregator's state without name",
      () => chain((flow) => flow["aggregatorFor"]?.("", idle)),
      /^aggregatorFor: a state's name/,
    ],
    [
      "a handler that is none",
      () => chain((flow) => flow["handlerFor"]?.("failed", {}, "x")),
      'state "failed": a handler is a function, got "x"',
    ],
    [
      "an aggregator that is none",
      () => chain((flow) => flow["aggregatorFor"]?.("failed")),
      'state "failed": a handler is a function, got undefined',
    ],
    [
      "options that are none",
      () => chain((flow) => flow["handlerFor"]?.("failed", null, idle)),
      'state "failed": options are an object, got null',
    ],
    [
      "options that are a text",
      () => chain((flow) => flow["handlerFor"]?.("failed", "x", idle)),
      /options are an object, got "x"/,
    ],
    [
      "options that are a list",
      () => chain((flow) => flow["handlerFor"]?.("failed", [], idle)),
      /options are an object, got an empty array/,
    ],
    [
      "a misspelled option",
      () => chain((flow) => flow["handlerFor"]?.("failed", { is_end: true }, idle)),
      'state "failed": unknown option "is_end", did you mean "isEnd"?',
    ],
    [
      "isEnd that is no boolean",
      () => chain((flow) => flow["handlerFor"]?.("failed", { isEnd: 1 }, idle)),
      'state "failed": isEnd is true or false, got 1',
    ],
    [
      "an unknown outcome",
      () => chain((flow) => flow["handlerFor"]?.("failed", { outcome: "ok" }, idle)),
      'state "failed": outcome is "success" or "failure", got "ok"',
    ],
    [
      "transitions that are no list",
      () => chain((flow) => flow["handlerFor"]?.("failed", { transitions: "end" }, idle)),
      /transitions is a list of the names/,
    ],
    [
      "transitions without name",
      () => chain((flow) => flow["handlerFor"]?.("failed", { transitions: [""] }, idle)),
      /transitions is a list of the names/,
    ],
    [
      "an option that when doesn't have",
      () => chain((flow) => flow["handlerFor"]?.("end")["when"]?.("true", { isEnd: true }, idle)),
      /unknown option "isEnd"/,
    ],
    [
      "contradicting options",
      () =>
        sound()
          .handlerFor("end", { isEnd: false })
          .when("true", ({ actions }) => actions.finish()),
      /^state "end": isEnd is given as true and as false/,
    ],
    [
      "contradicting outcomes",
      () =>
        chain((flow) =>
          flow["handlerFor"]?.("failed", { outcome: "success" })
            ["when"]?.("true", idle)
            ["aggregatorFor"]?.("failed", { outcome: "failure" }, idle),
        ),
      /outcome is given as success and as failure/,
    ],
    [
      "an outcome without end",
      () =>
        sound()
          .handlerFor("start", { outcome: "failure" })
          .when("true", ({ actions }) => actions.finish()),
      /^state "start" has an outcome, but is no end state/,
    ],
    ["two default handlers", () => sound().handlerFor("end", idle), /^state "end" has 2 default handlers/],
    [
      "two aggregators",
      () => sound().aggregatorFor("end", idle).aggregatorFor("end", idle),
      /^state "end" has 2 aggregators/,
    ],
    [
      "handlerFor alone",
      () => {
        const flow = sound();
        flow.handlerFor("end");
        return flow;
      },
      /^state "end": handlerFor was given no handler and no when/,
    ],
    [
      "a start that only aggregates",
      () =>
        new StateMachineBlueprint({ name: "x" }).aggregatorFor("s", { isStart: true }, ({ actions }) =>
          actions.finish(),
        ),
      /^state "s" is the start state, but has only an aggregator/,
    ],
    [
      "a dangling transition",
      () => sound().handlerFor("failed", ({ actions }) => actions.transitionTo("nowhere")),
      /^state "failed" leads to "nowhere", which doesn't exist: add/,
    ],
    [
      "a dangling declared transition",
      () => sound().handlerFor("failed", { transitions: ["edn"] }, idle),
      /^state "failed" leads to "edn", which doesn't exist, did you mean "end"/,
    ],
    [
      "a transition to an aggregator",
      () =>
        new StateMachineBlueprint({ name: "x" })
          .handlerFor("s", { isStart: true }, ({ actions }) => actions.transitionTo("a"))
          .aggregatorFor("a", ({ actions }) => actions.finish()),
      /^state "s" leads to "a", which has only an aggregator/,
    ],
    [
      "a fan-out into a handler",
      () =>
        sound().handlerFor("failed", ({ actions }) => actions.dispatchParallel({ tasks: [], aggregateInto: "end" })),
      /^state "failed" aggregates into "end", which has no aggregator: add aggregatorFor/,
    ],
    [
      "a fan-out into nothing",
      () =>
        sound().handlerFor("failed", ({ actions }) => actions.dispatchParallel({ tasks: [], aggregateInto: "ends" })),
      /aggregates into "ends", which has no aggregator, did you mean "end"/,
    ],
    [
      "an unreachable state",
      () => sound().handlerFor("island", ({ actions }) => actions.transitionTo("end")),
      /^state "island" can't be reached/,
    ],
    [
      "a bad condition",
      () => sound().handlerFor("end").when("context.initial_data.a == urgent", idle),
      /^state "end": condition ".*": "urgent" is unknown/,
    ],
    [
      "an asynchronous predicate",
      () => chain((flow) => flow["handlerFor"]?.("end")["when"]?.(async () => true, idle)),
      /a predicate must be synchronous/,
    ],
    [
      "a when without handler",
      () => chain((flow) => flow["handlerFor"]?.("end")["when"]?.("true")),
      'state "end": a handler is a function, got undefined',
    ],
  ];

  function chain(add: (flow: Loose) => unknown): unknown {
    const flow = sound();
    add(flow as unknown as Loose);
    return flow;
  }

  test.each(cases)("%s", (_, blueprint, ...expected) => {
    const problems = problemsOf(blueprint());
    expect(problems).toHaveLength(expected.length);
    expected.forEach((one, index) => {
      if (typeof one === "string") expect(problems[index]).toBe(one);
      else expect(problems[index]).toMatch(one);
    });
  });
});

describe("what is right", () => {
  const opaque = (fn: unknown) => fn as () => void;
  const cases: [what: string, blueprint: () => StateMachineBlueprint][] = [
    [
      "built-in ends need no handler",
      () => sound().handlerFor("failed", ({ actions }) => actions.transitionTo("finished")),
    ],
    ["built-in ends may be listed", () => sound({ states: ["start", "end", "finished"] })],
    [
      "options stand anywhere",
      () =>
        new StateMachineBlueprint({ name: "x" })
          .handlerFor("s", ({ actions }) => actions.finish())
          .handlerFor("s", { isStart: true })
          .when("true", ({ actions }) => actions.finish()),
    ],
    [
      "several conditions, one handlerFor",
      () => {
        const flow = sound();
        const end = flow.handlerFor("end", { transitions: ["start"] });
        end.when("true", idle);
        end.when(({ jobId }) => jobId === "x", { transitions: ["end"] }, idle);
        return flow;
      },
    ],
    [
      "one state is start and end",
      () => new StateMachineBlueprint({ name: "x" }).handlerFor("s", { isStart: true, isEnd: true }, idle),
    ],
    [
      "a state handles and aggregates",
      () =>
        sound()
          .handlerFor("failed", ({ actions }) =>
            actions.dispatchParallel({ tasks: [], aggregateInto: "end", onFailure: "end" }),
          )
          .aggregatorFor("end", idle),
    ],
    [
      "a declared way to an aggregator",
      () =>
        sound()
          .handlerFor("failed", { transitions: ["a"] }, idle)
          .aggregatorFor("a", { isEnd: true }, idle),
    ],
    [
      "a declared way out of what can't be read",
      () =>
        sound()
          .handlerFor("failed", { transitions: ["b"] }, opaque(Math.max))
          .handlerFor("b", { isEnd: true }, idle),
    ],
    [
      "timeouts and failures lead somewhere",
      () =>
        sound()
          .handlerFor("failed", ({ actions }) =>
            actions.awaitHumanApproval({
              integration: "i",
              message: "m",
              transitions: { a: "end" },
              timeoutSeconds: 1,
              timeoutState: "late",
            }),
          )
          .handlerFor("late", ({ actions }) => actions.sleep({ seconds: 1 }, "end")),
    ],
    [
      "a schema that is a function",
      () =>
        sound({ inputSchema: Object.assign(() => {}, { "~standard": { version: 1, vendor: "x", validate: idle } }) }),
    ],
    ["an endpoint without slash", () => sound({ apiEndpoint: "a/b-c_d.e~f" })],
    ["few transitions", () => sound({ maxTransitions: 1 })],
    ["null for no route", () => sound({ apiEndpoint: null, apiVersion: null })],
    [
      "strange names",
      () =>
        sound()
          .handlerFor("failed", ({ actions }) => actions.transitionTo("__proto__"))
          .handlerFor("__proto__", { isEnd: true }, idle),
    ],
  ];
  test.each(cases)("%s", (_, blueprint) => {
    expect(blueprint().validate()).toEqual({ warnings: [] });
  });
});

describe("warnings", () => {
  test("an unreachable state is one where a handler can't be read", () => {
    const flow = sound().handlerFor("island", ({ actions }) => actions.finish());
    flow.handlerFor("failed", (context) => [context]);
    expect(flow.validate().warnings).toEqual([
      'state "island" may be unreachable: no way to it was found, but a handler couldn\'t be read completely: "failed" (it hands on context); declare their transitions',
    ]);
    flow.handlerFor("failed").when("true", (context) => String(context));
    expect(flow.validate().warnings[0]).toContain('but handlers couldn\'t be read completely: "failed" (');
  });

  test("a handler that does nothing", () => {
    const flow = sound().handlerFor("start").when("true", idle);
    expect(flow.validate().warnings).toEqual([expect.stringContaining('state "start": a handler chooses no action')]);
  });
});

describe("the definition", () => {
  test.each([
    ["end", {}, "success"],
    ["error", {}, "failure"],
    ["error", { outcome: "success" }, "success"],
    ["bad", { outcome: "failure" }, "failure"],
  ] as const)("the outcome of %s with %j is %s", (name, options, outcome) => {
    const flow = sound()
      .handlerFor("failed", ({ actions }) => actions.finish())
      .handlerFor("start", { transitions: [name] })
      .when("true", idle);
    if (name !== "end") flow.handlerFor(name, { isEnd: true, ...options }, idle);
    expect(defineBlueprint(flow).states.get(name)).toMatchObject({ isEnd: true, outcome });
  });

  test("the built-in names are ends by themselves, unless that is denied", () => {
    expect(defineBlueprint(sound().handlerFor("failed", idle)).states.get("failed")).toMatchObject({
      isEnd: true,
      outcome: "failure",
    });
    const denied = sound().handlerFor("failed", { isEnd: false }, ({ actions }) => actions.finish());
    expect(defineBlueprint(denied).states.get("failed")).toMatchObject({ isEnd: false });
  });

  test("conditional handlers keep their order", () => {
    const flow = sound();
    for (const number of [1, 2, 3]) flow.handlerFor("end").when(`context.initial_data.n == ${number}`, idle);
    const { conditional } = defineBlueprint(flow).states.get("end") ?? {};
    expect(conditional?.map(({ condition }) => condition.matches({ initialData: { n: 2 }, stateHistory: {} }))).toEqual(
      [false, true, false],
    );
  });

  test("it is frozen, and so is the blueprint from then on", () => {
    const inputSchema = z.object({ n: z.number() });
    const flow = sound({ inputSchema, dataStores: { a: 1 } }).addDataStore("__proto__", 2);
    const waiting = flow.handlerFor("end");
    waiting.when("true", idle);
    const definition = defineBlueprint(flow);
    expect(defineBlueprint(flow)).toBe(definition);
    expect(definition.inputSchema).toBe(inputSchema);
    expect(Object.entries(definition.dataStores)).toEqual([
      ["a", 1],
      ["__proto__", 2],
    ]);
    for (const part of [
      definition,
      definition.dataStores,
      definition.states.get("end"),
      definition.states.get("end")?.conditional,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    for (const change of [
      () => flow.handlerFor("x", idle),
      () => flow.aggregatorFor("x", idle),
      () => flow.addDataStore("x", 1),
      () => waiting.when("true", idle),
    ]) {
      expect(change).toThrow(/is registered already: call \w+ before registerBlueprint/);
    }
    expect(flow.validate()).toEqual({ warnings: [] });
  });
});
