import { describe, expect, test } from "vitest";
import { type Reading, readTransitions } from "#core/read-transitions";

type Any = ReturnType<typeof JSON.parse>;

// Handlers are given as text: what is tested is what the engine sees, syntax that TypeScript refuses included.
function read(source: string): Reading {
  return readTransitions(new Function("helper", "outside", `return (${source})`)() as () => unknown);
}

function targets(source: string): string[] {
  const { edges, gap } = read(source);
  expect(gap).toBeUndefined();
  return edges.map(({ to }) => to);
}

describe("the ways to an action", () => {
  test.each([
    ["({ actions }) => actions.transitionTo('a')"],
    ["async ({ jobId, actions }) => { await jobId; return actions.transitionTo('a'); }"],
    ["function ({ actions: act }) { act.transitionTo('a'); }"],
    ["async function named({ actions: { transitionTo } }) { transitionTo('a'); }"],
    ["({ actions: { transitionTo: go } = {} }) => go('a')"],
    ["({ ['actions']: a }) => a['transitionTo']('a')"],
    ["({ actions = null }) => actions?.transitionTo?.('a')"],
    ["(context) => context.actions.transitionTo('a')"],
    ["(context = {}) => context['actions'].transitionTo(`a`)"],
    ["(context) => { const { actions } = context; actions.transitionTo('a'); }"],
    ["(context) => { const a = context.actions, go = a.transitionTo; go('a'); }"],
    ["(context) => { let a; a = context.actions; a.transitionTo('a'); }"],
    ["(context) => { let actions; ({ actions } = context); actions.transitionTo('a'); }"],
    ["(context) => { const a = context?.actions; a.transitionTo('a'); }"],
    ["(context) => { const again = context; again.actions.transitionTo('a'); }"],
    ["({ ...all }) => all.actions.transitionTo('a')"],
    ["({ jobId, ...all }) => all.actions.transitionTo('a')"],
    ["({ actions, ...data }) => { helper(data); actions.transitionTo('a'); }"],
    ["({ actions }) => [1].forEach(() => actions.transitionTo('a'))"],
    ["({ actions }) => { try { helper(); } catch { actions.transitionTo('a'); } }"],
    ["({ actions }) => { a: for (const x of [1]) { if (x) break a; else continue a; } actions.transitionTo('a'); }"],
    ["({ actions }) => { switch (1) { case 1: actions.transitionTo('a'); } }"],
    ["({ actions }) => { class C { static x = actions.transitionTo('a'); ['y']() {} static { helper(); } } }"],
    ["({ actions }) => ({ actions: 1, [actions.transitionTo('a')]: 2 })"],
    ["({ actions }) => { const f = (x = actions.transitionTo('a')) => x; f(); }"],
    ["({ actions }) => { const { [actions.transitionTo('a')]: x, y: [z] = [], ...w } = {}; }"],
    ["({ actions }) => { const [, b = actions.transitionTo('a'), ...c] = []; }"],
    ["({ actions }) => { const o = {}; o[actions.transitionTo('a')] = 1; }"],
    ["({ actions, when = actions.transitionTo('a') }) => when"],
    ["({ actions }) => { function actionsToo(actions) { helper(actions); } actions.transitionTo('a'); }"],
    [
      "({ actions }) => { for (const actions of []) helper(actions); for (let i = 0; i < 1; i++) actions.transitionTo('a'); }",
    ],
    ["({ actions }) => { try { helper(); } catch (actions) { helper(actions); } actions.transitionTo('a'); }"],
    ["({ actions }) => { for (helper.x in {}) actions.transitionTo('a'); }"],
    ["function ({ actions }) { if (new.target) helper(); actions.transitionTo('a'); }"],
    ["({ initialData, actions }) => { helper(initialData.x, this); actions.transitionTo('a'); }"],
    ["(context) => { helper(context.initialData, context?.stateHistory['x']); context.actions.transitionTo('a'); }"],
    ["({ logger, actions }) => { try { actions.transitionTo('a') } finally { logger.info('x') } }"],
  ])("%s", (source) => {
    expect(read(source)).toEqual({ edges: [{ to: "a", kind: "transition", label: null }], gap: undefined, acts: true });
  });

  test("methods, in every position", () => {
    const inObject = {
      async start({ actions }: Any) {
        actions.transitionTo("a");
      },
    };
    class InClass {
      made = true;
      static run({ actions }: Any) {
        actions.transitionTo("a");
      }
      static #secret({ actions }: Any) {
        actions.transitionTo("a");
      }
      static secret() {
        return InClass.#secret;
      }
    }
    for (const handler of [inObject.start, InClass.run, InClass.secret()]) {
      expect(readTransitions(handler).edges).toEqual([{ to: "a", kind: "transition", label: null }]);
    }
  });

  test("sloppy code is read too", () => {
    expect(targets("function ({ actions }) { with ({}) { actions.transitionTo('a'); } }")).toEqual(["a"]);
  });

  test("a handler's own toString is not believed", () => {
    const handler = Object.assign(({ actions }: Any) => actions.transitionTo("a"), { toString: () => "() => 1" });
    expect(readTransitions(handler).edges).toHaveLength(1);
  });
});

describe("the ways to a name", () => {
  test.each([
    ["x ? 'a' : 'b'", ["a", "b"]],
    ["x || 'a'", undefined],
    ["null ?? 'a'", ["a"]],
    ["x && 'a'", ["a"]],
    ["'a' || `b`", ["a", "b"]],
    ["undefined", []],
    ["one", ["a"]],
    ["two", ["a", "b"]],
    ["table.x", ["a"]],
    ["table[x]", ["a", "b"]],
    ["table[x] ?? 'c'", ["a", "b", "c"]],
    ["table['z']", []],
    ["spread.x", ["c", "a"]],
    ["odd.x", ["a"]],
    ["outside", undefined],
    ["outside.x", undefined],
    ["one + two", undefined],
    [`\`\${one}\``, undefined],
    ["7", undefined],
    ["changed.x", undefined],
    ["removed.x", undefined],
    ["counted", undefined],
    ["added", undefined],
    ["picked", undefined],
    ["looped", undefined],
    ["listed.x", undefined],
    ["circle", undefined],
    ["handedIn", undefined],
    ["declared", undefined],
    ["Declared", undefined],
    ["unread.x", undefined],
    ["...[one]", undefined],
  ])("transitionTo(%s)", (argument, expected) => {
    const source = `({ initialData: x, actions }, handedIn) => {
      const one = "a", table = { x: "a", ["y"]: "b" }, spread = { x: "c", ...table }, odd = { [x]: "a" };
      let two = "a"; if (x) two = "b";
      const changed = {}; changed.x.y = "a"; const removed = { x: "a" }; delete removed.x; delete x; delete helper();
      let counted = 1; counted++; let added = "a"; added += "b"; let circle = "a"; circle = circle;
      const { picked } = { picked: "a" }; let looped; for (looped of ["a"]); for (var again in {}) helper();
      const listed = [x]; const unread = { ...outside }; nobody.knows = 1; unknown = 1; helper().x = 1;
      function declared() {} class Declared {}
      return actions.transitionTo(${argument});
    }`;
    const { edges, gap } = read(source);
    expect(gap).toBe(expected ? undefined : "the target of transitionTo is computed");
    expect(edges.map(({ to }) => to)).toEqual(expected ?? []);
  });

  test("var is hoisted out of blocks, let is not", () => {
    expect(targets("({ actions }) => { next = 'b'; if (1) { var next = 'a'; } actions.transitionTo(next); }")).toEqual([
      "a",
      "b",
    ]);
    expect(read("({ actions }) => { if (1) { let next = 'a'; } actions.transitionTo(next); }").gap).toContain(
      "computed",
    );
  });
});

describe("the actions", () => {
  test.each([
    [
      "dispatchTask({ transitions: { success: 'a', failure: x ? 'b' : 'c' } })",
      ["success:a", "failure:b", "failure:c"],
    ],
    ["dispatchTask({ transitions })", ["success:a"]],
    ["dispatchTask(options)", ["success:a"]],
    ["dispatchTask({ ...options, taskType: 't' })", ["success:a"]],
    ["dispatchTask({ transitions: { [x]: 'a' } })", ["null:a"]],
    ["dispatchTask({})", []],
    ["dispatchTask(undefined)", []],
    ["dispatchTask({ ...(x ? options : null) })", ["success:a"]],
    ["dispatchTask()", []],
    ["runBlueprint({ transitions: { success: 'a', failure: 'b' } })", ["success:a", "failure:b"]],
    ["awaitHumanApproval({ transitions: { yes: 'a' }, timeoutState: 'b' })", ["timeout null:b", "yes:a"]],
    [
      "dispatchParallel({ tasks: [], aggregateInto: 'a', onFailure: x ? 'b' : undefined })",
      ["fan-out null:a", "on-failure null:b"],
    ],
    ["sleep({ seconds: 1 }, 'a')", ["wake null:a"]],
    ["sleep({ seconds: 1 })", []],
    ["finish({ a: 1 })", []],
    ["fail('x')", []],
  ])("actions.%s", (call, expected) => {
    const constants = "const transitions = { success: 'a' }, options = { transitions };";
    const { edges, gap, acts } = read(`({ actions, x }) => { ${constants} actions.${call}; }`);
    expect(gap).toBeUndefined();
    expect(acts).toBe(true);
    const shown = edges.map(({ kind, label, to }) => `${kind === "outcome" ? "" : `${kind} `}${label}:${to}`);
    expect(shown).toEqual(expected);
  });

  test.each([
    ["dispatchTask(outside)", "the options of dispatchTask are computed"],
    ["dispatchTask({ ...outside })", "the options of dispatchTask are computed"],
    ["dispatchTask({ transitions: outside })", "the transitions of dispatchTask are computed"],
    ["dispatchTask({ transitions: { success: outside, failure: 'b' } })", "the target of dispatchTask is computed"],
    ["dispatchTask({ transitions() {} })", "the transitions of dispatchTask are computed"],
    ["awaitHumanApproval({ timeoutState: outside })", "the target of awaitHumanApproval's timeoutState is computed"],
    ["sleep({ seconds: 1 }, outside)", "the target of sleep is computed"],
    ["transitonTo('a')", 'there is no actions.transitonTo, did you mean "transitionTo"?'],
  ])("actions.%s can't be read", (call, gap) => {
    expect(read(`({ actions }) => actions.${call}`).gap).toBe(gap);
  });

  test("what can be read beside a gap is kept", () => {
    const { edges } = read(
      "({ actions }) => actions.dispatchTask({ transitions: { success: outside, failure: 'b' } })",
    );
    expect(edges).toEqual([{ to: "b", kind: "outcome", label: "failure" }]);
  });
});

describe("gaps", () => {
  test.each([
    ["({ actions }) => helper(actions)", "it hands on actions"],
    ["(context) => helper(context)", "it hands on context"],
    ["(context) => helper(context.actions)", "it hands on actions"],
    ["({ actions }) => helper(actions.transitionTo)", "it hands on actions.transitionTo"],
    ["({ actions }) => ({ actions })", "it hands on actions"],
    ["({ actions }) => [...actions]", "it hands on actions"],
    ["({ actions }) => { helper.kept = actions; }", "it hands on actions"],
    ["({ actions }) => actions.transitionTo.call(null, 'a')", "it hands on actions"],
    ["({ actions }) => actions[helper]('a')", "it hands on actions"],
    ["({ actions }) => { const { [helper]: go } = actions; go('a'); }", "it hands on go"],
    ["({ actions }) => { const { ...all } = actions; all.transitionTo('a'); }", "it hands on actions"],
    ["({ actions }) => { let a = actions; a = helper; a.transitionTo('a'); }", "it hands on actions"],
    ["(context) => { const [a] = context; a.x(); }", "it hands on actions"],
    ["(context) => context[helper].transitionTo('a')", "it hands on actions"],
    ["(context) => context()", "it hands on context"],
    ["({ [helper]: a }) => a", "it hands on a"],
    ["(...all) => helper(...all)", "it hands on all"],
    ["function () { return helper(...arguments); }", "it uses arguments"],
    ["({ jobId }) => eval(jobId)", "it uses eval"],
  ])("%s", (source, gap) => {
    expect(read(source).gap).toBe(gap);
  });

  test("functions without a source of their own", () => {
    const bound = (({ actions }: Any) => actions.transitionTo("a")).bind(null);
    class Class {}
    class Getter {
      get x() {
        return 1;
      }
    }
    class Field {
      x = 1;
    }
    for (const handler of [bound, Math.max, new Proxy(() => 1, {}), Class, Getter, Field]) {
      expect(readTransitions(handler as () => unknown)).toEqual({
        edges: [],
        gap: "its source can't be read (a native, bound or wrapped function)",
        acts: false,
      });
    }
  });
});

test.each([
  ["() => {}", false],
  ["({ jobId }) => helper(jobId)", false],
  ["({ actions }) => helper().then(actions.finish)", true],
  ["({ actions }) => helper().then(actions.fail)", true],
  ["({ actions }) => { let a = b, b = a; a = actions.fail('x'); }", true],
])("%s acts: %s", (source, acts) => {
  expect(read(source)).toEqual({ edges: [], gap: undefined, acts });
});
