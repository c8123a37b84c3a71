import { builtInEnds, hasHandler, isEnd } from "#core/blueprint/ends";
import { findRoutes, type Route } from "#core/blueprint/routes";
import type { StateDraft } from "#core/blueprint/state-drafts";
import { quote } from "#core/describe";
import { didYouMean } from "#core/nearest";

type States = ReadonlyMap<string, StateDraft>;

/** What is wrong with the states of a blueprint, and what only looks wrong. */
export interface Findings {
  problems: string[];
  warnings: string[];
}

/** Checks the states, one by one and as a graph. `listed` is the `states` option. */
export function checkStates(states: States, listed: readonly string[] | undefined): Findings {
  const { routes, gaps, idle } = findRoutes(states.values());
  const problems = [
    ...checkStart(states),
    ...[...states.values()].flatMap(checkState),
    ...checkListed(states, listed),
    ...routes.flatMap((route) => checkTarget(route, states)),
  ];
  const lost = unreachable(states, routes);
  const warnings = idle.filter((state) => !isEnd(state)).map(warnIdle);
  if (gaps.length === 0) problems.push(...lost.map(tellUnreachable));
  else warnings.push(...lost.map((name) => warnUnreachable(name, gaps)));
  return { problems: [...new Set(problems)], warnings: [...new Set(warnings)] };
}

function checkStart(states: States): string[] {
  const starts = startsOf(states).map(quote);
  if (starts.length === 0) return ["there is no start state: give one handlerFor the option { isStart: true }"];
  return starts.length === 1
    ? []
    : [`there are ${starts.length} start states, ${starts.join(", ")}: only one may have isStart`];
}

function startsOf(states: States): string[] {
  return [...states.values()].filter((state) => state.isStart === true).map(({ name }) => name);
}

function checkState(state: StateDraft): string[] {
  const name = quote(state.name);
  const problems: string[] = [];
  if (state.handlers.length > 1) {
    problems.push(
      `state ${name} has ${state.handlers.length} default handlers: keep one, give the others a condition with when()`,
    );
  }
  if (state.aggregators.length > 1)
    problems.push(`state ${name} has ${state.aggregators.length} aggregators: keep one`);
  if (state.open > 0) problems.push(`state ${name}: handlerFor was given no handler and no when() followed: add one`);
  if (state.outcome !== undefined && !isEnd(state)) {
    problems.push(`state ${name} has an outcome, but is no end state: add isEnd: true, or remove the outcome`);
  }
  if (state.isStart && !hasHandler(state) && state.aggregators.length > 0) {
    problems.push(`state ${name} is the start state, but has only an aggregator: add handlerFor(${name}, …)`);
  }
  return problems;
}

function checkListed(states: States, listed: readonly string[] | undefined): string[] {
  if (!listed) return [];
  const allowed = [...listed, ...builtInEnds];
  const strangers = [...states.keys()].filter((name) => !allowed.includes(name));
  const missing = listed.filter((name) => !states.has(name) && !builtInEnds.includes(name));
  return [
    ...strangers.map((name) => `state ${quote(name)} is not among the listed states${didYouMean(name, listed)}`),
    ...missing.map((name) => `state ${quote(name)} is listed in states, but has no handler: add one, or remove it`),
  ];
}

function checkTarget(route: Route, states: States): string[] {
  const { from, to, kind } = route;
  const state = states.get(to);
  const way = `state ${quote(from)} leads to ${quote(to)}`;
  if (kind === "fan-out") {
    if (state && state.aggregators.length > 0) return [];
    return [
      `state ${quote(from)} aggregates into ${quote(to)}, which has no aggregator${near(to, states)}: add aggregatorFor(${quote(to)}, …)`,
    ];
  }
  if (!state) {
    return builtInEnds.includes(to)
      ? []
      : [`${way}, which doesn't exist${near(to, states)}: add handlerFor(${quote(to)}, …) or change the name`];
  }
  // A declared transition may stand for the aggregateInto of a fan-out that can't be read.
  if (kind === "declared" || hasHandler(state) || state.aggregators.length === 0) return [];
  return [
    `${way}, which has only an aggregator: add handlerFor(${quote(to)}, …), as aggregators run after a fan-out only`,
  ];
}

function near(name: string, states: States): string {
  return states.has(name) ? "" : didYouMean(name, [...states.keys(), ...builtInEnds]);
}

/** The states that no way leads to; none if there isn't one start to begin at. */
function unreachable(states: States, routes: readonly Route[]): string[] {
  const starts = startsOf(states);
  if (starts.length !== 1) return [];
  // The engine itself may enter "failed".
  const reached = new Set([...starts, "failed"]);
  for (const name of reached) {
    for (const { from, to } of routes) if (from === name) reached.add(to);
  }
  return [...states.keys()].filter((name) => !reached.has(name));
}

function tellUnreachable(name: string): string {
  return `state ${quote(name)} can't be reached: lead to it from another state, declare that with { transitions: [${quote(name)}] }, or remove it`;
}

function warnUnreachable(name: string, gaps: readonly string[]): string {
  const where = gaps.length === 1 ? "a handler" : "handlers";
  return `state ${quote(name)} may be unreachable: no way to it was found, but ${where} couldn't be read completely: ${gaps.join(", ")}; declare their transitions`;
}

function warnIdle(state: StateDraft): string {
  return `state ${quote(state.name)}: a handler chooses no action, and the state is no end state: the job would be quarantined there`;
}
