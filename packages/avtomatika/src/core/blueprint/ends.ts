import type { StateDraft } from "#core/blueprint/state-drafts";

/** States that may be named without a handler: they end the job as a success or a failure. */
export const builtInEnds: readonly string[] = ["finished", "failed"];

/** An end state is declared; the built-in names are ends by themselves, also with a handler. */
export function isEnd(state: Pick<StateDraft, "name" | "isEnd">): boolean {
  return state.isEnd ?? builtInEnds.includes(state.name);
}

export function outcomeOf(state: Pick<StateDraft, "name" | "outcome">): "success" | "failure" {
  return state.outcome ?? (state.name === "failed" || state.name === "error" ? "failure" : "success");
}

/** True if the state runs something when it is entered by anything but a fan-out. */
export function hasHandler(state: StateDraft): boolean {
  return state.handlers.length > 0 || state.conditional.length > 0 || state.open > 0;
}
