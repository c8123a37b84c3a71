import type { CallOptions } from "#http/caller";
import { encodeJson } from "#http/encode-json";
import { invalidArgument } from "#http/errors";

/** What a creation takes beside its data. */
export interface CreateOptions extends CallOptions {
  /** 1 to 255 characters: the same key, target, data and options give the same job again, anything else a 409. */
  idempotencyKey?: string | undefined;
  /** Told of the job's end, if the engine sends webhooks. */
  webhookUrl?: string | undefined;
  /** −1000 to 1000, 0 by default; higher goes first, also with its tasks. */
  priority?: number | undefined;
  /** Shown in the view; at most 16 KiB of JSON. */
  metadata?: Record<string, unknown> | undefined;
  /** How long an attempt of a task may wait for a worker. */
  dispatchTimeoutSeconds?: number | undefined;
  /** How long a task may take from queueing to result, retries included. */
  resultTimeoutSeconds?: number | undefined;
}

/** The names of the above. */
export const createOptions = [
  "idempotencyKey",
  "webhookUrl",
  "priority",
  "metadata",
  "dispatchTimeoutSeconds",
  "resultTimeoutSeconds",
  "signal",
] as const satisfies readonly (keyof CreateOptions)[];

/** A creation's body: always an envelope, so that no initial data is mistaken for one. Throws `invalid_argument`. */
export function encodeCreation(initialData: object, options: CreateOptions): string {
  if (typeof initialData !== "object" || initialData === null || Array.isArray(initialData)) {
    throw invalidArgument("initialData: expected an object");
  }
  const { webhookUrl, priority, metadata, dispatchTimeoutSeconds, resultTimeoutSeconds } = options;
  const rest = {
    webhook_url: webhookUrl,
    priority,
    metadata,
    dispatch_timeout: dispatchTimeoutSeconds,
    result_timeout: resultTimeoutSeconds,
  };
  const data = `"initial_data":${encodeJson(initialData, "initialData")}`;
  if (Object.values(rest).every((value) => value === undefined)) return `{${data}}`;
  return `{${data},${encodeJson(rest, "options").slice(1)}`;
}

/** The caller's key, or undefined. Throws `invalid_argument` for what no header can carry. */
export function readKey({ idempotencyKey }: CreateOptions): string | undefined {
  if (idempotencyKey === undefined) return undefined;
  if (
    typeof idempotencyKey === "string" &&
    /^[\x21-\x7e\xa1-\xff]([\x20-\x7e\xa1-\xff]{0,253}[\x21-\x7e\xa1-\xff])?$/.test(idempotencyKey)
  ) {
    return idempotencyKey;
  }
  throw invalidArgument(
    `idempotencyKey: expected 1 to 255 printable Latin characters without spaces around, got ${JSON.stringify(idempotencyKey)}`,
  );
}
