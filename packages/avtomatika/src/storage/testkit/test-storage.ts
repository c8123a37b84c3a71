import assert from "node:assert/strict";
import type { Storage } from "#storage/storage";
import { audit } from "#storage/testkit/audit";
import type { StoreDump } from "#storage/testkit/dump";
import { Kit } from "#storage/testkit/kit";
import { subjects } from "#storage/testkit/subjects";

export interface StorageSuite<Store extends Storage> {
  name: string;
  /** Opens a fresh store that goes by this clock; the suite closes it. */
  open(options: { clock: () => number }): Promise<Store>;
  /** Names of checks that this store can't pass, with the reason. An unknown name is an error. */
  skip?: readonly { reason: string; tests: readonly string[] }[];
  /** What the store holds, to be audited after each check. */
  dump?(store: Store): StoreDump | Promise<StoreDump>;
  /** Of the test framework. */
  describe(name: string, body: () => void): void;
  test(name: string, body: () => Promise<void>): void;
}

/** 14 Nov 2023: a time with all its digits, so that seconds and milliseconds can't be mixed up unseen. */
const start = 1_700_000_000_123;

/** The conformance suite: what a store has to do to be one. */
export function testStorage<Store extends Storage>(suite: StorageSuite<Store>): void {
  const checks = collectChecks();
  const skipped = new Set(suite.skip?.flatMap(({ tests }) => tests));
  for (const title of skipped) {
    if (!checks.some((check) => check.title === title)) throw new Error(`no check is called "${title}"`);
  }
  suite.describe(`${suite.name} is a store`, () => {
    for (const { subject, title, body } of checks) {
      if (!skipped.has(title)) suite.test(`${subject}: ${title}`, () => runCheck(suite, body));
    }
  });
}

interface NamedCheck {
  subject: string;
  title: string;
  body(kit: Kit): Promise<void>;
}

/** Every check of the suite, whose titles are its names. */
function collectChecks(): NamedCheck[] {
  const checks = new Map<string, NamedCheck>();
  for (const [subject, addChecks] of Object.entries(subjects)) {
    addChecks((title, body) => {
      if (checks.has(title)) throw new Error(`two checks are called "${title}"`);
      checks.set(title, { subject, title, body });
    });
  }
  return [...checks.values()];
}

async function runCheck<Store extends Storage>(suite: StorageSuite<Store>, body: (kit: Kit) => Promise<void>) {
  let kit: Kit | undefined;
  const store = await suite.open({ clock: () => kit?.now ?? start });
  kit = new Kit(store, start);
  try {
    await body(kit);
    if (suite.dump !== undefined && !kit.closed) assert.deepEqual(audit(await suite.dump(store)), []);
  } finally {
    await store.close();
  }
}
