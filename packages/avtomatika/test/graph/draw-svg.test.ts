import { expect, test } from "vitest";
import "#graph/provide";
import { StateMachineBlueprint } from "#core/blueprint";
import { drawSvg } from "#graph/draw-svg";

test("a blueprint draws itself", async () => {
  const flow = new StateMachineBlueprint({ name: "drawn" }).handlerFor("a", ({ actions }) => actions.transitionTo("b"));
  const svg = await flow.renderGraph({ format: "svg" });
  expect(svg).toContain("</svg>");
  expect(svg).toContain(">b</text>");
});

test("what takes too long is drawn without labels", async () => {
  expect(await drawSvg(tangle(), "digraph { plain }", 500)).toContain(">plain</text>");
});

test("what takes too long without labels as well is given up", async () => {
  await expect(drawSvg(tangle(), tangle(), 50)).rejects.toThrow(expect.objectContaining({ code: "limit_exceeded" }));
});

test("broken DOT is an error, and the next drawing isn't harmed", async () => {
  const broken = drawSvg("digraph {", "digraph {");
  const next = drawSvg("digraph { fine }", "");
  await expect(broken).rejects.toThrow();
  expect(await next).toContain(">fine</text>");
});

/** So many crossing edges with labels that their layout takes minutes. */
function tangle(): string {
  const edges = Array.from({ length: 600 }, (_, n) => [
    `${n} -> ${(n * 7 + 3) % 600}`,
    `${n} -> ${(n * 31 + 11) % 600}`,
  ]).flat();
  return `digraph {\n${edges.map((edge) => `${edge} [label="an outcome"];`).join("\n")}\n}`;
}
