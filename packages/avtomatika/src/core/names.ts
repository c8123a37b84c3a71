import { describe } from "#core/describe";
import { AvtomatikaError } from "#core/errors";

/** The longest id or name (of a state, task type, blueprint, worker …), in characters. */
export const maxNameLength = 128;

/** True for a string of 1 to 128 characters. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= maxNameLength;
}

/** What the id of a client or worker is, in words. */
export const principalForm = `1 to ${maxNameLength} characters without control characters, not "*", not beginning with "$"`;

/** True for the id of a client or worker: `*` and what begins with `$` are the engine's own. */
export function isPrincipal(value: unknown): value is string {
  return isName(value) && /^(?![$]|[*]$)[^\p{Cc}\p{Cs}]*$/u.test(value);
}

/** True for a name that doesn't begin with `$`: such task types belong to the engine. */
export function isTaskType(value: unknown): value is string {
  return isName(value) && !value.startsWith("$");
}

/** `value` if it is a name; `what` is how the error calls it. Throws `invalid_argument`. */
export function requireName(what: string, value: unknown): string {
  if (isName(value)) return value;
  throw invalidName(what, `a string of 1 to ${maxNameLength} characters`, value);
}

/** `value` if it is a task type; `what` is how the error calls it. Throws `invalid_argument`. */
export function requireTaskType(what: string, value: unknown): string {
  if (isTaskType(value)) return value;
  throw invalidName(what, `a string of 1 to ${maxNameLength} characters that doesn't begin with "$"`, value);
}

function invalidName(what: string, expected: string, value: unknown): AvtomatikaError {
  return new AvtomatikaError("invalid_argument", `${what} must be ${expected}, got ${describe(value)}`);
}
