import type { ObjectStore } from "#files/object-store";
import { TaskFiles } from "#files/task-files";
import type { Logger } from "#logger/logger";
import { messageOf } from "#task/errors";
import type { ReceivedTask } from "#task/received-task";

export interface FileDeskOptions {
  root: string;
  store: ObjectStore | null;
  bucket: string;
  logger: Logger;
}

/** The files of the tasks that this process holds. */
export class FileDesk {
  readonly #options: FileDeskOptions;
  readonly #open = new Map<string, TaskFiles>();
  readonly #removals = new Set<Promise<void>>();

  constructor(options: FileDeskOptions) {
    this.#options = options;
  }

  /** Those of a task that begins. */
  begin(task: ReceivedTask): TaskFiles {
    const { root, store, bucket } = this.#options;
    const files = new TaskFiles({ root, store, bucket, task });
    this.#open.set(task.taskId, files);
    return files;
  }

  /** The engine has the task's result: its folder goes. */
  end(taskId: string): void {
    const files = this.#open.get(taskId);
    if (files === undefined) return;
    this.#open.delete(taskId);
    const removal = files.remove().catch((error: unknown) => {
      this.#options.logger.warn({ taskId, err: error }, `a task's folder can't be removed: ${messageOf(error)}`);
    });
    this.#removals.add(removal);
    void removal.then(() => this.#removals.delete(removal));
  }

  /** Nothing of what is still here will be needed. */
  async close(): Promise<void> {
    for (const taskId of [...this.#open.keys()]) this.end(taskId);
    await Promise.all(this.#removals);
    await this.#options.store?.close();
  }
}
