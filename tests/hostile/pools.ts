import type { Random } from "../simulate/random.ts";
import { type Answer, objectOf } from "./attack.ts";

/** At most so many of each kind are kept: new ones take the places of old ones. */
const most = 200;

/** What the answers so far told of: attacks are aimed at it. */
export class Pools {
  /** Ids of jobs by blueprint; control jobs aren't among them. */
  readonly jobs = new Map<string, string[]>();
  readonly tasks: { jobId: string; taskId: string }[] = [];
  readonly approvals: { jobId: string; token: string }[] = [];
  readonly cursors: string[] = [];
  /** Every token of an approval that was seen. */
  readonly secrets = new Set<string>();
  /** Every job whose creation was answered with 2xx, and its blueprint. */
  readonly accepted = new Map<string, string>();

  created(blueprint: string, jobId: string, random: Random): void {
    this.accepted.set(jobId, blueprint);
    if (blueprint === "control") return;
    const jobs = this.jobs.get(blueprint) ?? [];
    this.jobs.set(blueprint, jobs);
    keep(jobs, jobId, random);
  }

  job(random: Random, blueprint = random.pick([...this.jobs.keys()])): string {
    const jobs = this.jobs.get(blueprint) ?? [];
    return jobs.length === 0 ? "none" : random.pick(jobs);
  }

  /** Takes in what an answer tells. */
  learn(answer: Answer, random: Random): void {
    const cursor = answer.link === null ? null : /[?&]cursor=([^&>]+)/.exec(answer.link)?.[1];
    if (cursor != null) keep(this.cursors, cursor, random);
    if (answer.status !== 200 || !answer.text.startsWith("{")) return;
    const { job_id: jobId, task_id: taskId, type, tasks, waiting_for: waiting } = objectOf(answer);
    // Whoever has the workers' token may settle any task it knows of: those of control jobs stay unknown.
    const isAttacked = type !== "control";
    if (typeof jobId === "string" && typeof taskId === "string" && isAttacked)
      keep(this.tasks, { jobId, taskId }, random);
    if (Array.isArray(tasks)) {
      for (const task of tasks) {
        if (task.type !== "control") keep(this.tasks, { jobId: task.job_id, taskId: task.task_id }, random);
      }
    }
    const token = (waiting as { token?: unknown } | null | undefined)?.token;
    if (typeof jobId === "string" && typeof token === "string") {
      this.secrets.add(token);
      keep(this.approvals, { jobId, token }, random);
    }
  }
}

function keep<T>(list: T[], item: T, random: Random): void {
  if (list.length < most) list.push(item);
  else list[random.int(0, most - 1)] = item;
}
