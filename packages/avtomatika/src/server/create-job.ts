import { creationEnvelope, violations } from "@avtomatika/protocol";
import type { ClientEntry } from "#config/read-clients";
import { describe, quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { isPrincipal, principalForm } from "#core/names";
import { didYouMean } from "#core/nearest";
import { isObject } from "#core/plain-object";
import { refuseUnknown } from "#core/refuse-unknown";
import { toJson } from "#core/to-json";
import type { Orchestrator } from "#engine/orchestrator";
import { clientInfo } from "#server/access/client-info";
import type { Directory } from "#server/access/directory";
import { readCreation, readKey } from "#server/request/read-creation";
import { newTrace } from "#server/request/trace-context";
import { overQuota } from "#server/too-many-error";

/** The options of `engine.createJob`. */
export interface CreateJobOptions {
  /** Whose job it is; `system` by default. One of `clients.toml` gives its plan and params to the job. */
  clientId?: string | undefined;
  /** The same key and data give the same job; another job's data with it is an error. */
  idempotencyKey?: string | undefined;
  /** A number from -1000 to 1000; default 0. */
  priority?: number | undefined;
  /** How long each attempt of a task may wait for a worker; for ever by default. */
  dispatchTimeoutSeconds?: number | undefined;
  /** From a task's first queueing to its result, retries included; for ever by default. */
  resultTimeoutSeconds?: number | undefined;
  /** Shown in the job's view; at most 16 KiB of JSON. */
  metadata?: object | undefined;
}

const known = ["clientId", "idempotencyKey", "priority", "dispatchTimeoutSeconds", "resultTimeoutSeconds", "metadata"];

/** What a job of this call would be on the wire, so that there is one way to create one. `clients`: those that are known. */
export async function createJob(
  orchestrator: Orchestrator,
  blueprint: string,
  initialData: object,
  options: CreateJobOptions,
  clients: Pick<Directory<ClientEntry>, "get"> = { get: () => undefined },
): Promise<string> {
  checkBlueprint(orchestrator, blueprint);
  const body = envelopeOf(initialData, options);
  const clientId = options.clientId ?? "system";
  if (!isPrincipal(clientId)) throw wrong(`clientId: expected ${principalForm}, got ${describe(clientId)}`);
  const creation = readCreation(body, {
    blueprint,
    client: clientInfo(clients.get(clientId) ?? { id: clientId, plan: null, params: {}, monthlyAttempts: null }),
    key: readKey(options.idempotencyKey),
    trace: newTrace(),
    watched: false,
  });
  const [result] = await orchestrator.createJobs([creation]);
  switch (result?.outcome) {
    case "created":
    case "existing":
      return result.jobId;
    case "conflict":
      throw new AvtomatikaError("idempotency_conflict", `the idempotencyKey was used for another job, ${result.jobId}`);
    case "over_quota":
      throw overQuota(result.retryAfterMs);
    default:
      throw wrong(result?.issues[0] ?? "initialData", result?.issues);
  }
}

function checkBlueprint(orchestrator: Orchestrator, name: string): void {
  if (orchestrator.blueprint(name) !== undefined) return;
  const names = orchestrator.blueprints().map((each) => each.name);
  throw wrong(`there is no blueprint ${quote(String(name))}${didYouMean(String(name), names)}`);
}

function envelopeOf(initialData: object, options: CreateJobOptions) {
  refuseUnknown("createJob", options, known);
  const body = {
    initial_data: toJson(initialData, "initialData"),
    priority: options.priority ?? null,
    dispatch_timeout: options.dispatchTimeoutSeconds ?? null,
    result_timeout: options.resultTimeoutSeconds ?? null,
    metadata: options.metadata === undefined ? null : toJson(options.metadata, "metadata"),
  };
  const found = isObject(body.initial_data) ? violations(creationEnvelope, body) : ["initialData: expected an object"];
  if (found.length > 0) throw wrong(found[0] as string, found);
  return body;
}

function wrong(message: string, details?: readonly string[]): AvtomatikaError {
  return new AvtomatikaError("invalid_argument", message, details === undefined ? {} : { details });
}
