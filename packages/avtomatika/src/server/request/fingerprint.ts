import { createHash } from "node:crypto";
import type { Json } from "#core/json";

/** A text that is the same for equal JSON, whatever the order of keys, and differs for any other. */
export function fingerprint(value: Json): string {
  return createHash("sha256").update(canonical(value)).digest("base64url");
}

function canonical(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
}
