import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { Config } from "#config/config";
import { AvtomatikaError } from "#core/errors";
import type { Logger } from "#core/logger";
import type { Orchestrator } from "#engine/orchestrator";
import type { Access } from "#server/access/access";
import { addRoutes } from "#server/add-routes";
import { drain } from "#server/drain";
import { HoldBack } from "#server/hold-back";
import { KnownRoutes } from "#server/known-routes";
import { type Limiter, limitFailures, unlimited } from "#server/rate-limits";
import { sendError } from "#server/send-error";
import type { DrawGraph } from "#server/serving";
import { Traffic } from "#server/traffic";

/** Above what clients keep connections: 15 s in the Python SDK. */
const keepAliveMs = 72_000;
/** How long a request may take to come in; what its answer takes doesn't count. */
const requestTimeoutMs = 300_000;
/** How long an error answer to a poll is held back. */
const pollErrorDelayMs = 5000;
const maxParamLength = 4096;
/** How long requests under way may take to end when the server closes. */
const closePatienceMs = 10_000;

/** What the routes need, once it is there. */
export interface AppParts {
  access: Access;
  orchestrator: Orchestrator;
  /** By default everybody is let through. */
  limiter?: Limiter;
  config: Config;
  logger: Logger;
  drawGraph: DrawGraph;
  /** For tests; 5000 by default. */
  pollErrorDelayMs?: number;
}

/** The HTTP server of an engine: there before the engine is, so that a program can add routes of its own. */
export class App {
  readonly fastify: FastifyInstance;
  readonly #traffic = new Traffic();
  readonly #known = new KnownRoutes();
  #holdBack: HoldBack | undefined;

  constructor() {
    this.fastify = createFastify(async (error, request, reply) => {
      await this.#holdBack?.wait(request, reply);
      refusePath(error, request, reply);
    });
    this.#known.watch(this.fastify);
    this.fastify.addHook("onRequest", (request, reply, done) => {
      this.#traffic.count(reply.raw);
      done(hasHost(request) ? undefined : new AvtomatikaError("invalid_request", "the header Host is missing"));
    });
    // An expectation that nobody knows may be passed over; refused by Node it would have no body.
    this.fastify.server.on("checkExpectation", (request, response) => {
      this.fastify.server.emit("request", request, response);
    });
    // Nobody comes any more, and everybody gets an answer before the connections are cut.
    this.fastify.addHook("preClose", () => {
      this.fastify.server.close(() => {});
      return this.#traffic.close(closePatienceMs);
    });
  }

  /** Adds the engine's routes: to be called once, before the app listens. */
  serve(parts: AppParts): void {
    const traffic = this.#traffic;
    const holdBack = new HoldBack(traffic, parts.pollErrorDelayMs ?? pollErrorDelayMs);
    this.#holdBack = holdBack;
    const limiter = parts.limiter ?? unlimited;
    this.fastify.setErrorHandler(async (thrown, request, reply) => {
      const error = await limitFailures(limiter, thrown, request.ip);
      if ((error as Partial<FastifyError>).code === "FST_ERR_CTP_BODY_TOO_LARGE") await drain(request.raw);
      await holdBack.wait(request, reply);
      return sendError(error, request, reply, parts.logger);
    });
    addRoutes(this.fastify, { ...parts, limiter, traffic, holdBack }, this.#known);
  }
}

/** Called for a path that can't be decoded, or has a part that is too long: it never reaches a route. */
type RefusePath = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => Promise<void>;

function createFastify(onBadPath: RefusePath): FastifyInstance {
  const start = randomBytes(4).toString("hex");
  let requests = 0;
  const genReqId = () => `${start}-${(++requests).toString(36)}`;
  return fastify({
    logger: false,
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    return503OnClosing: false,
    // Node would refuse without a body what has no Host: see the hook.
    http: { requireHostHeader: false },
    genReqId,
    // Ids that are too long are refused with a message, not as an unknown route.
    routerOptions: { maxParamLength },
    frameworkErrors: (error, request, reply) => void onBadPath(error, request, reply as FastifyReply),
    clientErrorHandler: (error, socket) =>
      refuseConnection(error as NodeJS.ErrnoException, socket as Socket, genReqId()),
  });
}

/** HTTP/1.1 has to name its host. */
function hasHost({ raw }: FastifyRequest): boolean {
  return raw.headers.host !== undefined || raw.httpVersion !== "1.1";
}

/** The path isn't quoted: tokens may stand in its query. */
function refusePath({ code }: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const error =
    code === "FST_ERR_MAX_PARAM_LENGTH"
      ? `a part of the path is longer than ${maxParamLength} characters`
      : "the path can't be decoded: it is percent-encoded UTF-8";
  reply.code(400).send({ error, code: "invalid_request", request_id: request.id });
}

/** What isn't HTTP, or too much of it, gets the form of all errors too. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket, requestId: string): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const tooLarge = error.code === "HPE_HEADER_OVERFLOW";
  const body = JSON.stringify({
    error: tooLarge ? "the headers are too large" : "the request is not HTTP/1.1 as it should be",
    code: "invalid_request",
    request_id: requestId,
  });
  const status = tooLarge ? "431 Request Header Fields Too Large" : "400 Bad Request";
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  socket.end(`${head}Connection: close\r\n\r\n${body}`);
}
