import { configFaults } from "#config/config-faults";
import type { Kind } from "#config/kinds";
import { SectionTokens } from "#config/section-tokens";
import { readKey, readSections, type Section } from "#config/toml-sections";
import { NotJsonError } from "#core/errors";
import type { JsonObject } from "#core/json";
import { isName } from "#core/names";
import { nearest } from "#core/nearest";
import { setOwn } from "#core/plain-object";
import { toJson } from "#core/to-json";

/** A client: what a section of `clients.toml` says. */
export interface ClientEntry {
  id: string;
  /** Of its token: see `hashToken`. */
  hash: string;
  admin: boolean;
  plan: string | null;
  /** Jobs it may create per calendar month; null for any number. */
  monthlyAttempts: number | null;
  /** What its webhooks are signed with, the newest first: none, one, or two while they are changed. */
  webhookSecrets: readonly string[];
  /** Whatever else the section says. */
  params: JsonObject;
}

const kinds = {
  plan: {
    expected: "a text of 1 to 128 characters",
    read: (value) => (isName(value) ? value : undefined),
  } satisfies Kind<string>,
  monthly_attempts: {
    expected: "a whole number of at least 0",
    read: (value) => (Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined),
  } satisfies Kind<number>,
  admin: {
    expected: "true or false",
    read: (value) => (typeof value === "boolean" ? value : undefined),
  } satisfies Kind<boolean>,
  webhook_secret: {
    expected: "a text of at least 1 character, or an array of one or two of them",
    read: (value) => {
      const secrets: unknown[] = Array.isArray(value) ? value : [value];
      return secrets.length <= 2 && secrets.length > 0 && secrets.every(isText) ? secrets : undefined;
    },
    secret: true,
  } satisfies Kind<string[]>,
};
const known = ["token", ...Object.keys(kinds)];
/** The first is the bearer of `CLIENT_TOKEN`, the second the engine itself. */
const ours = ["default", "system"];

/**
 * Reads `clients.toml`. `file` is how messages call it, `taken` what tokens no section may have: see `SectionTokens`.
 * A key that looks like a misspelled one is a warning, since it goes to `params`.
 * @throws AvtomatikaError `invalid_config` with everything that is wrong as its `details`
 */
export function readClients(
  text: string,
  { file, taken }: { file: string; taken: ReadonlyMap<string, string> },
): { entries: ClientEntry[]; warnings: string[] } {
  const faults: string[] = [];
  const tokens = new SectionTokens(taken);
  const sections = readSections(text, file, faults);
  const entries = sections.map((section) => readClient(section, tokens));
  if (faults.length > 0) throw configFaults(file, faults);
  return { entries, warnings: sections.flatMap(warnOfMisspelled) };
}

function readClient(section: Section, tokens: SectionTokens): ClientEntry {
  const { name, place, faults } = section;
  if (ours.includes(name)) faults.push(`${place}: expected a name of its own, got one of the engine's`);
  return {
    id: name,
    hash: tokens.read(section),
    admin: readKey(section, "admin", kinds.admin, false),
    plan: readKey<string | null>(section, "plan", kinds.plan, null),
    monthlyAttempts: readKey<number | null>(section, "monthly_attempts", kinds.monthly_attempts, null),
    webhookSecrets: readKey(section, "webhook_secret", kinds.webhook_secret, []),
    params: readParams(section),
  };
}

function readParams({ table, place, faults }: Section): JsonObject {
  const params: JsonObject = {};
  for (const key of paramsOf(table)) {
    try {
      setOwn(params, key, toJson(table[key], `${place} ${key}`));
    } catch (error) {
      if (!(error instanceof NotJsonError)) throw error;
      faults.push(error.message);
    }
  }
  return params;
}

function warnOfMisspelled({ table, place }: Section): string[] {
  return paramsOf(table).flatMap((key) => {
    const meant = nearest(key, known);
    return meant === undefined ? [] : [`${place} ${key}: it goes to client.params, did you mean "${meant}"?`];
  });
}

function paramsOf(table: object): string[] {
  return Object.keys(table).filter((key) => !known.includes(key));
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
