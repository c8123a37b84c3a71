import type { TaskDetails } from "#storage/storage";

/** The sender that nobody is. */
const nobody = "";

/**
 * Who has sent a result that names nobody: whoever holds the attempt or ended it, if the sender may be that one.
 * Nobody holds what has not been handed out; then nothing can be applied either.
 */
export function nameSender(
  { task, result }: TaskDetails,
  attempt: number,
  mayBe: (workerId: string) => boolean,
): string {
  const past = (task?.past ?? result?.past ?? []).find((one) => one.attempt === attempt);
  const holder = past?.worker ?? (task?.attempt === attempt ? task.worker : null);
  if (holder === null) return result === null ? nobody : "*";
  return mayBe(holder) ? holder : nobody;
}
