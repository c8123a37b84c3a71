import { instance } from "@viz-js/viz";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { StateMachineBlueprint } from "#core/blueprint";
import { drawGraph } from "#core/graph";
import { provideSvgRenderer, renderSvg } from "#core/render-svg";

const viz = await instance();

// Test files share their modules: the renderer that others use is put back.
afterAll(() => provideSvgRenderer(async () => (await import("#graph/draw-svg")).drawSvg));

function sample(): StateMachineBlueprint {
  return new StateMachineBlueprint({ name: "sample" })
    .handlerFor("start", { isStart: true })
    .when("context.initial_data.type == 'urgent'", ({ actions }) => actions.transitionTo("end"))
    .handlerFor("start", ({ actions }) =>
      actions.dispatchTask({ taskType: "t", transitions: { success: "split", failure: "failed" } }),
    )
    .handlerFor("split", ({ actions }) =>
      actions.dispatchParallel({ tasks: [], aggregateInto: "join", onFailure: "wait" }),
    )
    .aggregatorFor("join", ({ actions }) => actions.transitionTo("finished"))
    .handlerFor("wait", { transitions: ["end"] }, ({ actions, nap }) => {
      if (nap) return actions.sleep({ seconds: 1 }, "start");
      const key = String(nap);
      return actions.awaitHumanApproval({
        integration: "i",
        message: "m",
        transitions: { yes: "start", [key]: "end" },
        timeoutSeconds: 1,
        timeoutState: "typo",
      });
    })
    .handlerFor("error", ({ actions, where }) => actions.transitionTo(where))
    .handlerFor("end", { isEnd: true }, () => {})
    .handlerFor("bad", { isEnd: true, outcome: "failure" }, () => {});
}

describe("DOT", () => {
  test("is readable and always the same", () => {
    expect(sample().toDot()).toBe(`digraph "sample" {
  rankdir=TB;
  node [shape=box, style=rounded, fontname="Helvetica"];
  edge [fontname="Helvetica", fontsize=10];
  "start" [shape=oval, style=bold];
  "split";
  "join" [shape=invtrapezium, style=solid];
  "wait";
  "error";
  "end" [peripheries=2, color=darkgreen];
  "bad" [peripheries=2, color=firebrick];
  "failed" [peripheries=2, color=firebrick];
  "finished" [peripheries=2, color=darkgreen];
  "typo" [style=dotted, color=red];
  "start" -> "end" [label="when context.initial_data.type == 'urgent'"];
  "start" -> "split" [label="success"];
  "start" -> "failed" [label="failure"];
  "split" -> "join" [label="fan-out", style=dashed];
  "split" -> "wait" [label="on failure"];
  "join" -> "finished";
  "wait" -> "start" [label="after sleep"];
  "wait" -> "typo" [label="timeout"];
  "wait" -> "start" [label="yes"];
  "wait" -> "end" [label="(computed)"];
  // may lead elsewhere too: "\\"error\\" (the target of transitionTo is computed)"
}
`);
    expect(sample().toDot()).toBe(sample().toDot());
    expect(viz.renderString(sample().toDot(), { format: "svg" })).toContain("</svg>");
  });

  test("a condition and an outcome share a label, and a long one is cut", () => {
    const flow = new StateMachineBlueprint({ name: "labels" })
      .handlerFor("a")
      .when(`context.initial_data.${"x".repeat(80)}`, ({ actions }) =>
        actions.runBlueprint({ blueprintName: "b", initialData: {}, transitions: { success: "b & c" } }),
      );
    const dot = flow.toDot();
    expect(dot).toContain(`"a" -> "b & c" [label="when context.initial_data.${"x".repeat(60 - 21)}…\\nsuccess"];`);
    expect(dot).toContain('"b & c" [label="b &amp; c", style=dotted, color=red];');
  });

  test("a declared way is drawn once", () => {
    const flow = new StateMachineBlueprint({ name: "x" }).handlerFor("a", { transitions: ["b", "b"] }, () => {});
    expect(flow.toDot().match(/"a" -> "b";/g)).toHaveLength(1);
  });

  test("any name is drawn as what it is", () => {
    const awkward = fc.string({
      unit: fc.constantFrom(...'ab"\\\n\r\t\0<>{}|[]&;lt#65-_ é😀\ud800n'.split("")),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(awkward, fc.string({ minLength: 1 })), { minLength: 2, maxLength: 3 }),
        (names) => {
          const nodes = names.map((name) => ({ name, isStart: false, end: null, onlyAggregates: false }));
          const from = names[0] as string;
          const to = names[1] as string;
          const routes = [{ from, to, kind: "outcome" as const, label: to, condition: from }];
          const dot = drawGraph({ name: from, nodes, routes, gaps: [from] });
          const graph = viz.renderJSON(dot) as { objects: unknown[]; edges: unknown[] };
          expect(graph.edges).toHaveLength(1);
          expect(graph.objects).toHaveLength(new Set(names.map((name) => name.toWellFormed())).size);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("rendering", () => {
  test("SVG is the renderer's work", async () => {
    const flow = sample();
    provideSvgRenderer(async () => async (dot, plain) => {
      expect(dot).toBe(flow.toDot());
      expect(plain).not.toContain("label=");
      expect(plain).toContain('"split" -> "join" [style=dashed];');
      return "<svg/>";
    });
    expect(await flow.renderGraph({ format: "svg" })).toBe("<svg/>");
    expect(await flow.renderGraph({ format: "dot" })).toBe(flow.toDot());
    await expect(flow.renderGraph({ format: "png" as "svg" })).rejects.toThrow('format is "dot" or "svg", got "png"');
  });

  test("a missing renderer says so", async () => {
    provideSvgRenderer();
    await expect(renderSvg("", "")).rejects.toThrow(/no SVG renderer/);
  });
});
