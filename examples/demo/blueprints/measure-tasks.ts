// The tasks of the fan-out: each measures a range of the list that `list_files` wrote.
import type { TaskOptions } from "avtomatika";

/** A task may take that long: there are large files. */
export const timeoutSeconds = 3600;
/** So many tasks are still open when the driver kills the engine. */
const leastHeld = 10;
/** Whoever costs more does better things than counting words. */
const maxCost = 10;

/**
 * The later half (at least ten) waits for the file that the driver makes once it has killed the engine: so it dies
 * amid the work, however fast the machine is.
 */
export function measureTasks(folders: { folder: string; work: string }, files: number, size: number): TaskOptions[] {
  const total = Math.ceil(files / size);
  const held = Math.max(leastHeld, Math.floor(total / 2));
  return Array.from({ length: total }, (_, part) => ({
    taskType: "measure",
    params: {
      ...folders,
      part,
      from: part * size,
      to: Math.min((part + 1) * size, files),
      hold: part >= total - held,
    },
    maxCost,
    timeoutSeconds,
  }));
}
