// What the workers noted: a line for each run of a task.
import { readFileSync } from "node:fs";

interface Run {
  job_id: string;
  type: string;
  part: number | null;
  attempt: number;
}

export function countRuns(file: string) {
  const runs = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Run);
  const perTask = count(runs.map(({ job_id, type, part }) => `${type} ${job_id} ${part}`));
  const types = count([...perTask.keys()].map((task) => task.split(" ")[0] ?? ""));
  const distribution = count([...perTask.values()]);
  return {
    tasks: perTask.size,
    byType: [...types].map(([type, tasks]) => `${tasks} ${type}`).join(", "),
    distribution: [...distribution]
      .map(([times, tasks]) => `${tasks} ran ${times === 1 ? "once" : `${times} times`}`)
      .join(", "),
    retried: runs.filter(({ attempt }) => attempt > 1).length,
  };
}

function count<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
