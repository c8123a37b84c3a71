import { invalidArgument } from "#http/errors";

/** An id as a part of a path. Throws `invalid_argument` for what would lead to another route. */
export function segment(id: string, name: string): string {
  if (typeof id !== "string" || id === "" || /^\.\.?$/.test(id)) {
    throw invalidArgument(`${name}: expected an id, got ${JSON.stringify(id) ?? "nothing"}`);
  }
  return encodeURIComponent(id);
}
