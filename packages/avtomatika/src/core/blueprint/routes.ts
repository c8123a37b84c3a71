import type { HandlerDraft, StateDraft } from "#core/blueprint/state-drafts";
import { type Edge, readTransitions } from "#core/read-transitions";

/** A way from one state to another, as read from a handler's source or declared with it. */
export interface Route {
  from: string;
  to: string;
  kind: Edge["kind"] | "declared";
  label: string | null;
  /** The text of the `when` it belongs to. */
  condition: string | null;
}

/** Where the handlers of a blueprint lead. */
export interface Routes {
  routes: Route[];
  /** Handlers that may lead elsewhere too, with the reason. */
  gaps: string[];
  /** States with a handler that certainly chooses no action. */
  idle: StateDraft[];
}

/** Reads all handlers; one that can't be read completely counts as complete if its transitions are declared. */
export function findRoutes(states: Iterable<StateDraft>): Routes {
  const routes = new Map<string, Route>();
  const gaps: string[] = [];
  const idle: StateDraft[] = [];

  function addRoute(route: Route): void {
    routes.set(JSON.stringify([route.from, route.to, route.kind, route.label, route.condition]), route);
  }

  function addHandler(state: StateDraft, { handler, declared }: HandlerDraft, condition: string | null): void {
    const { edges, gap, acts } = readTransitions(handler);
    const from = state.name;
    const read = new Set(edges.map(({ to }) => to));
    for (const edge of edges) addRoute({ from, ...edge, condition });
    for (const to of declared ?? []) {
      if (!read.has(to)) addRoute({ from, to, kind: "declared", label: null, condition });
    }
    if (declared !== undefined) return;
    if (gap !== undefined) gaps.push(`${JSON.stringify(from)} (${gap})`);
    else if (!acts) idle.push(state);
  }

  for (const state of states) {
    for (const draft of state.conditional) addHandler(state, draft, draft.condition.text);
    for (const draft of [...state.handlers, ...state.aggregators]) addHandler(state, draft, null);
  }
  return { routes: [...routes.values()], gaps, idle };
}
