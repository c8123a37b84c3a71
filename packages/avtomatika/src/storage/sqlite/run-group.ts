import type { Bell } from "#storage/bell";
import type { Operation } from "#storage/rows/row-storage";
import { runOperation } from "#storage/rows/run-operation";
import { isStoreFault } from "#storage/sqlite/sqlite-fault";
import type { StoreFile } from "#storage/sqlite/store-file";
import type { Reply } from "#storage/storage";

/** One call of the port that waits for its group. */
export interface Waiting {
  operation: Operation<unknown, object>;
  input: unknown;
  resolve: (reply: Reply<unknown>) => void;
  reject: (error: unknown) => void;
}
export type Outcome = { reply: Reply<unknown>; bells: Bell[] } | { error: unknown };

export interface Surroundings {
  clock: () => number;
  full: Set<string>;
  beforeCommit: (() => void) | undefined;
  closesAtOnce: number | undefined;
}

/**
 * Runs calls in order in one transaction and commits it. A call that throws is undone alone. If this throws,
 * nothing of the group was written as far as the file knows.
 */
export function runGroup(file: StoreFile, calls: readonly Waiting[], around: Surroundings): Outcome[] {
  file.db.begin();
  const outcomes = runPlain(file, calls, around) ?? runSeparately(file, calls, around);
  file.flush();
  around.beforeCommit?.();
  file.db.exec("COMMIT");
  return outcomes;
}

/**
 * All calls without savepoints, of which each would copy every page its call touches; null if one threw, with
 * everything rolled back. Throwing is a bug or a broken disk: it may cost a second run.
 */
function runPlain(file: StoreFile, calls: readonly Waiting[], around: Surroundings): Outcome[] | null {
  try {
    return calls.map((call) => runCall(file, call, around));
  } catch (error) {
    if (isStoreFault(error)) throw error;
    file.db.rollback();
    file.load(around.clock());
    file.db.begin();
    return null;
  }
}

function runSeparately(file: StoreFile, calls: readonly Waiting[], around: Surroundings): Outcome[] {
  return calls.map((call) => {
    file.db.exec("SAVEPOINT call");
    try {
      const outcome = runCall(file, call, around);
      file.flush();
      file.db.exec("RELEASE call");
      return outcome;
    } catch (error) {
      if (isStoreFault(error)) throw error;
      file.db.exec("ROLLBACK TO call; RELEASE call;");
      file.load(around.clock());
      return { error };
    }
  });
}

function runCall(file: StoreFile, { operation, input }: Waiting, { clock, full, closesAtOnce }: Surroundings): Outcome {
  const now = file.meta.tick(clock());
  return runOperation({ rows: file.rows, shard: 0, now, full, closesAtOnce }, operation, input);
}
