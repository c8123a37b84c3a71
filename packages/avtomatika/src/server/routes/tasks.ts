import type { ServerResponse } from "node:http";
import { pollQuery, type Task, taskParams, workerParams } from "@avtomatika/protocol";
import type { FastifyReply } from "fastify";
import type { HandedTask, Poll } from "#engine/orchestrator";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

/** Polls, and what became of a task. */
export function taskRoutes(scope: Scope, serving: Serving): void {
  const { orchestrator, config, traffic, holdBack } = serving;
  const schema = { params: workerParams, querystring: pollQuery };

  // A HEAD would take a task and throw it away.
  scope.get("/workers/:worker_id/tasks/next", { schema, exposeHeadRoute: false }, async (request, reply) => {
    const { timeout, limit } = request.query;
    const holdMs = Math.round(Math.min(timeout ?? Number.POSITIVE_INFINITY, config.workerPollTimeoutSeconds) * 1000);
    const hold = traffic.hold(reply.raw);
    try {
      const options = { limit: limit ?? 1, holdMs, signal: hold.signal };
      const poll = hold.signal.aborted ? noTasks : await orchestrator.poll(request.params.worker_id, options);
      // Too many are parked: this one would only come back at once.
      if (poll === null) await holdBack.wait(request, reply);
      if (traffic.isClosing) reply.header("connection", "close");
      return hand(reply, poll ?? noTasks, limit !== undefined);
    } finally {
      hold.release();
    }
  });

  scope.get("/tasks/:task_id", { schema: { params: taskParams } }, async ({ params }) => ({
    task_id: params.task_id,
    // With the shared token the sender's id isn't known.
    state: await orchestrator.taskState(null, params.task_id),
  }));
}

const noTasks: Poll = { tasks: [], delivered: () => {}, undelivered: () => {} };

function hand(reply: FastifyReply, poll: Poll, asList: boolean): FastifyReply {
  const tasks = poll.tasks.map(wireTask);
  if (tasks.length === 0) return reply.code(204).send();
  watchDelivery(reply.raw, poll);
  return reply.send(asList ? { tasks } : tasks[0]);
}

/** Written out whole it counts as delivered; a socket that closes before gives the tasks back at once. */
function watchDelivery(response: ServerResponse, poll: Poll): void {
  if (response.destroyed) return poll.undelivered();
  response.once("finish", () => poll.delivered());
  response.once("close", () => {
    if (!response.writableFinished) poll.undelivered();
  });
}

function wireTask(task: HandedTask): Task {
  return {
    job_id: task.jobId,
    task_id: task.taskId,
    type: task.type,
    params: task.params,
    tracing_context: task.trace as Task["tracing_context"],
    priority: task.priority,
    attempt: task.attempt,
    deadline: task.deadline / 1000,
  };
}
