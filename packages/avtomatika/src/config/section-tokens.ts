import type { Kind } from "#config/kinds";
import { hashToken } from "#config/token-hash";
import { readKey, type Section } from "#config/toml-sections";
import { getOwn, isObject } from "#core/plain-object";

const token: Kind<string> = {
  expected: "a text of printable ASCII characters with no space at its ends, since it travels in a header",
  read: (value) => (typeof value === "string" && /^[!-~]([ -~]*[!-~])?$/.test(value) ? value : undefined),
  secret: true,
};

/** Reads the tokens of sections, which have one each. */
export class SectionTokens {
  readonly #owners: Map<string, string>;

  /** `taken`: by their hashes, tokens that no section may have, and what they are. */
  constructor(taken: ReadonlyMap<string, string>) {
    this.#owners = new Map(taken);
  }

  /** The hash of a section's token. */
  read(section: Section): string {
    const { name, place, table, faults } = section;
    if (getOwn(table, "token") === undefined) {
      faults.push(`${place} token: expected ${token.expected}, got nothing${hintAtDots(section)}`);
      return "";
    }
    const given = readKey(section, "token", token, null);
    if (given === null) return "";
    const hash = hashToken(given);
    const owner = this.#owners.get(hash);
    if (owner !== undefined) faults.push(`${place} token: expected one of its own, got ${owner}`);
    else this.#owners.set(hash, `that of [${name}]`);
    return hash;
  }
}

/** `[gpu.one]` is the table `one` of the section `gpu`. */
function hintAtDots({ name, table }: Section): string {
  const inner = Object.keys(table).find((key) => isObject(table[key]));
  return inner === undefined ? "" : `; a name with a dot is written in quotes: ["${name}.${inner}"]`;
}
