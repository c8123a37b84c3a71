import type { Json, JsonObject } from "#core/json";
import { isObject, setOwn } from "#core/plain-object";

/** A field with one of these words in its name says where something is: `ip_address`, `hostName`, `s3-endpoint`. */
const words =
  "ip ips ipv4 ipv6 host hosts hostname hostnames fqdn domain address addresses addr url urls uri uris endpoint endpoints mac dns";
const telling = new Set(words.split(" "));

/** A worker's record as plain clients see it: without fields that are addresses by their names, and without URLs, at any depth. */
export function withoutAddresses(record: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(record)) {
    if (!isAddress(key) && !isUrl(value)) setOwn(kept, key, clean(value));
  }
  return kept;
}

function clean(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => !isUrl(item)).map(clean);
  return isObject(value) ? withoutAddresses(value as JsonObject) : value;
}

function isAddress(key: string): boolean {
  const parts = key.replaceAll(/([a-z\d])([A-Z])/g, "$1 $2").split(/[^A-Za-z\d]+/);
  return parts.some((part) => telling.has(part.toLowerCase()));
}

function isUrl(value: Json): boolean {
  return typeof value === "string" && /^[a-z][a-z\d+.-]*:\/\//i.test(value);
}
