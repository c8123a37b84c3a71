import type { ServerResponse } from "node:http";
import { pollQuery, type Task, taskParams, workerParams } from "@avtomatika/protocol";
import type { FastifyReply } from "fastify";
import type { HandedTask, Poll } from "#engine/orchestrator";
import type { Sender } from "#server/access/worker-directory";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

/** Polls, and what became of a task. */
export function taskRoutes(scope: Scope, serving: Serving): void {
  const { orchestrator, access, config, traffic, holdBack } = serving;
  const schema = { params: workerParams, querystring: pollQuery };

  // A HEAD would take a task and throw it away.
  scope.get("/workers/:worker_id/tasks/next", { schema, exposeHeadRoute: false }, async (request, reply) => {
    const { timeout, limit } = request.query;
    const holdMs = Math.round(Math.min(timeout ?? Number.POSITIVE_INFINITY, config.workerPollTimeoutSeconds) * 1000);
    const hold = traffic.hold(reply.raw);
    try {
      const options = { limit: limit ?? 1, holdMs, signal: hold.signal };
      const { worker_id: workerId } = request.params;
      const poll = hold.signal.aborted ? noTasks : await orchestrator.poll(workerId, options);
      const refused = access.workers.refusal(request.getDecorator<Sender>("sender"), workerId);
      if (refused !== null) {
        poll?.undelivered();
        throw refused;
      }
      // Too many are parked: this one would only come back at once.
      if (poll === null) await holdBack.wait(request, reply);
      if (traffic.isClosing) reply.header("connection", "close");
      return hand(reply, poll ?? noTasks, limit !== undefined);
    } finally {
      hold.release();
    }
  });

  scope.get("/tasks/:task_id", { schema: { params: taskParams } }, async (request) => {
    const { task_id: taskId } = request.params;
    const sender = request.getDecorator<Sender>("sender");
    // Who has the shared token may have been anybody, so it may ask for what nobody holds.
    const isOwn = (holder: string | null) =>
      holder === null ? sender.own === null : access.workers.refusal(sender, holder) === null;
    return { task_id: taskId, state: await orchestrator.taskState(isOwn, taskId) };
  });
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
  const { socket } = response;
  // Node 22 calls a response finished as well when its socket was closed under it.
  response.once("finish", () => (socket?.destroyed === true ? poll.undelivered() : poll.delivered()));
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
