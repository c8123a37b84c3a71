// The child of `survey`: packs every file that could be read, and counts what it packed.
import { StateMachineBlueprint } from "avtomatika";
import { timeoutSeconds } from "./measure-tasks.ts";

interface ArchiveData {
  work: string;
  /** So many files could be read. */
  entries: number;
}

/** From `write_archive`. */
interface ArchiveState {
  archive_bytes?: number;
  written?: number;
}

export const archive = new StateMachineBlueprint<ArchiveData, ArchiveState>({ name: "archive" });

archive.handlerFor("start", { isStart: true }, ({ initialData, actions }) =>
  actions.dispatchTask({
    taskType: "write_archive",
    params: { work: initialData.work },
    timeoutSeconds,
    transitions: { success: "compare" },
  }),
);

archive.handlerFor("compare", ({ initialData, stateHistory, actions }) => {
  const { archive_bytes, written } = stateHistory;
  if (written === initialData.entries) return actions.finish({ archive_bytes, entries: written });
  return actions.fail(`the archive has ${written} entries, expected ${initialData.entries}`);
});
