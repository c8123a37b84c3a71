import { keyStep } from "#task/json-text";

/** Every text in a JSON value that `holds` is true of, each once, with the path to its first place; `root` names the value. */
export function findStrings(value: unknown, root: string, holds: (text: string) => boolean): Map<string, string> {
  const found = new Map<string, string>();
  const look = (item: unknown, at: string): void => {
    if (typeof item === "string") {
      if (holds(item) && !found.has(item)) found.set(item, at);
    } else if (Array.isArray(item)) {
      for (const [index, one] of item.entries()) look(one, `${at}[${index}]`);
    } else if (typeof item === "object" && item !== null) {
      for (const [key, one] of Object.entries(item)) look(one, at + keyStep(key));
    }
  };
  look(value, root);
  return found;
}

/** A copy of a JSON value with other texts in it; keys stay. */
export function replaceStrings(value: unknown, texts: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return texts.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => replaceStrings(item, texts));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceStrings(item, texts)]));
}
