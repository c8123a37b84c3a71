// The SQLite file.
import { type Planted, planted } from "./planted.ts";

export const sqlite: readonly Planted[] = [
  planted(
    "acknowledged before the commit",
    "kill",
    [
      "storage/sqlite/run-group.ts",
      "  file.db.begin();\n  const outcomes =",
      '  try {\n    file.db.exec("COMMIT");\n  } catch {}\n  file.db.begin();\n  const outcomes =',
    ],
    ["storage/sqlite/run-group.ts", '  file.db.exec("COMMIT");\n  return outcomes;', "  return outcomes;"],
  ),
  planted("leases of the former process not voided", "kill", [
    "storage/sqlite/store-file.ts",
    "    this.#jobs.voidLeases();\n",
    "",
  ]),
  planted("joins not written with the commit", "kill", [
    "storage/sqlite/store-file.ts",
    "    this.#branches.flush();\n",
    "",
  ]),
];
