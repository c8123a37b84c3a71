// The SDKs.
import { type Planted, plantedIn } from "./planted.ts";

export const sdk: readonly Planted[] = [
  plantedIn("worker", "a result is dropped after a 503", "results", [
    "engine/result-sender.ts",
    "    this.#waiting.unshift(...batch);\n    this.#stuck = true;",
    "    this.#stuck = true;",
  ]),
  plantedIn("worker", "registrations don't name running tasks", "registration", [
    "worker/session.ts",
    "      current_tasks: this.#desk.taskIds(),\n      sdk_process",
    "      sdk_process",
  ]),
  plantedIn("worker", "a poll error without a pause", "polling", [
    "engine/poller.ts",
    "    await pause(Math.max(idleMs, backoff.next(answer.retryAfterMs)), this.#stopped.signal);\n",
    "    void backoff;\n",
  ]),
  plantedIn("worker", "Retry-After isn't kept by heartbeats", "pace", [
    "engine/heart.ts",
    "    this.#pacer.close(pauseMs);\n    return pauseMs;",
    "    return Math.min(intervalMs, pauseMs);",
  ]),
  plantedIn("worker", "a task's folder goes before its result was acknowledged", "files", [
    "worker/session.ts",
    "    isOver = true;\n",
    "    isOver = true;\n    this.#files?.end(taskId);\n",
  ]),
  plantedIn("worker", "keys may lead out of their bucket", "files", [
    "files/object-address.ts",
    'part === "." || part === ".."',
    'part === "."',
  ]),
  plantedIn("worker", "links may lead out of a task's folder", "files", [
    "files/find-outputs.ts",
    "  if (real === dir || real.startsWith(dir + sep)) return real;",
    "  if (real !== dir + sep) return real;",
  ]),
  plantedIn("client", "a repeated creation has another key", "retries", [
    "http/caller.ts",
    "await this.#try(request);",
    "await this.#try({ ...request, idempotencyKey: idempotencyKey && idempotencyKey + String(retries) });",
  ]),
  plantedIn("client", "a spent quota is tried again", "retries", ["http/caller.ts", " && fault.code !== spent", ""]),
];
