import type { TaskFiles } from "#files/task-files";
import type { Logger } from "#logger/logger";
import { messageOf } from "#task/errors";
import type { HeldTask } from "#task/held-task";
import { cancelled, failure, isLost, returnedOutcome, thrownOutcome } from "#task/outcome";
import { checkParams } from "#task/standard-schema";
import type { TaskContext } from "#task/task-handler";

export interface RunOptions {
  logger: Logger;
  progress: TaskContext["progress"];
  files: TaskFiles;
}

/** Runs a task's handler; resolves with its result as JSON text, whatever happens. Never rejects. */
export async function runTask(held: HeldTask, options: RunOptions): Promise<string> {
  const overdue = held.overdue.then(() => {
    options.logger.error("the handler didn't end although its signal was aborted; its slot is given to other tasks");
    return abortedOutcome(held);
  });
  const outcome = await Promise.race([perform(held, options), overdue]);
  return held.cause === "cancelled" ? cancelled : outcome;
}

async function perform(held: HeldTask, { logger, progress, files }: RunOptions): Promise<string> {
  const { task, definition, signal } = held;
  if (signal.aborted) return abortedOutcome(held);
  if (definition === undefined) return failure("PERMANENT_ERROR", `Unsupported task: ${task.type}`);
  try {
    const { taskId, jobId, attempt, deadline } = task;
    const brought = await files.bring(task.params, signal);
    const params = definition.schema === undefined ? brought : await checkParams(definition.schema, brought);
    const context: TaskContext = {
      taskId,
      jobId,
      attempt,
      deadline,
      signal,
      progress,
      logger,
      get filesDir() {
        return files.dir;
      },
    };
    const returned = await definition.handler(params as never, context);
    if (isLost(returned)) {
      logger.warn(
        `the handler returned ${Array.isArray(returned) ? "an array" : `a ${typeof returned}`}: only objects become data`,
      );
    }
    return await files.send(returnedOutcome(returned), signal);
  } catch (error) {
    if (held.cause !== null) return abortedOutcome(held);
    logger.warn({ err: error }, `the task failed: ${messageOf(error)}`);
    return thrownOutcome(error);
  }
}

/** Of a handler that didn't get to its end. */
function abortedOutcome(held: HeldTask): string {
  if (held.cause === "cancelled") return cancelled;
  return failure(held.cause === "deadline" ? "TIMEOUT_ERROR" : "TRANSIENT_ERROR", held.abortMessage);
}
