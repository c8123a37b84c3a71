import { builtInEnds } from "#core/blueprint/ends";
import type { Route } from "#core/blueprint/routes";

/** The states of a blueprint and the ways between them, as they are drawn. */
export interface Graph {
  name: string;
  nodes: readonly GraphNode[];
  routes: readonly Route[];
  /** Handlers that may lead elsewhere too. */
  gaps: readonly string[];
}

export interface GraphNode {
  name: string;
  isStart: boolean;
  /** Null for a state that is no end. */
  end: "success" | "failure" | null;
  onlyAggregates: boolean;
}

const endColours = { success: "darkgreen", failure: "firebrick" };
const maxLabel = 60;

/** The graph in DOT: equal blueprints give equal texts. `labels: false` leaves the edges' labels out. */
export function drawGraph(graph: Graph, { labels } = { labels: true }): string {
  const known = new Set(graph.nodes.map(({ name }) => name));
  const strangers = [...new Set(graph.routes.map(({ to }) => to))].filter((name) => !known.has(name));
  const edges = graph.routes.map((route) => drawEdge(route, labels));
  const lines = [
    "rankdir=TB;",
    'node [shape=box, style=rounded, fontname="Helvetica"];',
    'edge [fontname="Helvetica", fontsize=10];',
    ...graph.nodes.map(drawNode),
    ...strangers.map(drawStranger),
    ...new Set(edges),
    ...graph.gaps.map((gap) => `// may lead elsewhere too: ${JSON.stringify(gap)}`),
  ];
  return `digraph ${quoteId(graph.name)} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

function drawNode({ name, isStart, end, onlyAggregates }: GraphNode): string {
  const attributes = [
    ...nameLabel(name),
    ...(onlyAggregates ? ["shape=invtrapezium", "style=solid"] : []),
    ...(isStart ? ["shape=oval", "style=bold"] : []),
    ...(end ? ["peripheries=2", `color=${endColours[end]}`] : []),
  ];
  return `${quoteId(name)}${list(attributes)};`;
}

/** A target without a handler: one of the built-in ends, or a mistake. */
function drawStranger(name: string): string {
  if (!builtInEnds.includes(name)) return `${quoteId(name)}${list([...nameLabel(name), "style=dotted", "color=red"])};`;
  return drawNode({ name, isStart: false, end: name === "failed" ? "failure" : "success", onlyAggregates: false });
}

function drawEdge(route: Route, labels: boolean): string {
  const lines = labels ? edgeLabel(route) : [];
  const attributes = lines.length === 0 ? [] : [`label=${quoteLabel(lines)}`];
  if (route.kind === "fan-out") attributes.push("style=dashed");
  return `${quoteId(route.from)} -> ${quoteId(route.to)}${list(attributes)};`;
}

const kindLabels: Record<Route["kind"], string> = {
  transition: "",
  outcome: "(computed)",
  "fan-out": "fan-out",
  "on-failure": "on failure",
  timeout: "timeout",
  wake: "after sleep",
  declared: "",
};

/** The lines of a label. */
function edgeLabel({ kind, label, condition }: Route): string[] {
  const when = condition === null ? [] : [`when ${shorten(condition)}`];
  return [...when, label ?? kindLabels[kind]].filter((line) => line !== "");
}

function shorten(text: string): string {
  return text.length <= maxLabel ? text : `${text.slice(0, maxLabel)}…`;
}

function list(attributes: readonly string[]): string {
  return attributes.length === 0 ? "" : ` [${attributes.join(", ")}]`;
}

/** By default a node shows its id; but in labels `&` begins an entity of HTML, and in ids it doesn't. */
function nameLabel(name: string): string[] {
  return name.includes("&") ? [`label=${quoteLabel([name])}`] : [];
}

function quoteLabel(lines: readonly string[]): string {
  return `"${lines.map((line) => escapeText(line.replaceAll("&", "&amp;"))).join("\\n")}"`;
}

function quoteId(text: string): string {
  return `"${escapeText(text)}"`;
}

/**
 * Text inside the quotes of DOT. Control characters are shown as their pictures: NUL would end the text, and a label
 * that begins with an empty line breaks Graphviz.
 */
function escapeText(text: string): string {
  return (
    text
      .toWellFormed()
      .replaceAll(/["\\]/g, "\\$&")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
      .replaceAll(/[\u0000-\u001f]/g, (character) => String.fromCodePoint(0x2400 + character.charCodeAt(0)))
  );
}
