/** The keys of one object in camelCase; the values stay as they are. */
export function camelCase(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [camel(key), value]));
}

const known = new Map<string, string>();
/** Names come from the engine and are few; the bound is for a peer that makes them up. */
const mostNames = 1000;

function camel(name: string): string {
  let camelName = known.get(name);
  if (camelName === undefined) {
    camelName = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    if (known.size < mostNames) known.set(name, camelName);
  }
  return camelName;
}
