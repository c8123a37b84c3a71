import { configFaults } from "#config/config-faults";
import { text as anyText } from "#config/kinds";
import { SectionTokens } from "#config/section-tokens";
import { readKey, readSections, type Section } from "#config/toml-sections";
import { didYouMean } from "#core/nearest";

/** A worker with a token of its own: what a section of `workers.toml` says. */
export interface WorkerEntry {
  id: string;
  /** Of its token: see `hashToken`. */
  hash: string;
}

const known = ["token", "description"];

/**
 * Reads `workers.toml`. `file` is how messages call it, `taken` what tokens no section may have: see `SectionTokens`.
 * @throws AvtomatikaError `invalid_config` with everything that is wrong as its `details`
 */
export function readWorkers(
  text: string,
  { file, taken }: { file: string; taken: ReadonlyMap<string, string> },
): { entries: WorkerEntry[]; warnings: string[] } {
  const faults: string[] = [];
  const tokens = new SectionTokens(taken);
  const entries = readSections(text, file, faults).map((section) => readWorker(section, tokens));
  if (faults.length > 0) throw configFaults(file, faults);
  return { entries, warnings: [] };
}

function readWorker(section: Section, tokens: SectionTokens): WorkerEntry {
  const { name, place, table, faults } = section;
  for (const key of Object.keys(table)) {
    if (known.includes(key)) continue;
    const hint = didYouMean(key, known) || `; the keys are ${known.join(" and ")}`;
    faults.push(`${place} ${key}: there is no such key${hint}`);
  }
  // For people only.
  readKey(section, "description", anyText, "");
  return { id: name, hash: tokens.read(section) };
}
