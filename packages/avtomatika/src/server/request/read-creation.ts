import { type CreationEnvelope, creationBody, creationEnvelope, isEnvelope, violations } from "@avtomatika/protocol";
import { AvtomatikaError } from "#core/errors";
import type { JsonObject } from "#core/json";
import type { Creation } from "#engine/orchestrator";
import { fingerprint } from "#server/request/fingerprint";
import { refusal } from "#server/scope";

/** The largest `metadata`, in bytes of JSON. */
const maxMetadataBytes = 16 * 1024;
const maxKeyLength = 255;

/** What a creation has beside its body. */
export interface CreationFrame {
  blueprint: string;
  client: Creation["client"];
  /** The `Idempotency-Key`. */
  key: string | null;
  trace: JsonObject;
  watched: boolean;
}

/**
 * A creation from its body: an envelope, or the initial data itself.
 * @throws AvtomatikaError `invalid_request` that names the field
 */
export function readCreation(body: unknown, frame: CreationFrame): Creation {
  const shape = violations(creationBody, body ?? undefined);
  if (shape.length > 0) throw refusal(shape);
  const data = body as JsonObject;
  const envelope = isEnvelope(data) ? readEnvelope(data) : { initial_data: data };
  const { key, ...rest } = frame;
  return {
    ...rest,
    initialData: (envelope.initial_data ?? {}) as JsonObject,
    idempotency: key === null ? null : { key, fingerprint: fingerprint([frame.blueprint, data]) },
    priority: Math.round(envelope.priority ?? 0) + 0, // no -0
    dispatchTimeoutMs: toMs(envelope.dispatch_timeout),
    resultTimeoutMs: toMs(envelope.result_timeout),
    metadata: (envelope.metadata ?? null) as JsonObject | null,
  };
}

function readEnvelope(body: JsonObject): CreationEnvelope {
  const found = violations(creationEnvelope, body);
  if (found.length > 0) throw refusal(found);
  const envelope = body as CreationEnvelope;
  if (envelope.webhook_url != null) {
    // Nothing would be sent: better refused than forgotten.
    throw new AvtomatikaError("invalid_request", "webhook_url: this version sends no webhooks, leave it out");
  }
  const bytes = envelope.metadata == null ? 0 : Buffer.byteLength(JSON.stringify(envelope.metadata));
  if (bytes > maxMetadataBytes) {
    throw new AvtomatikaError("invalid_request", `metadata: ${bytes} bytes, ${maxMetadataBytes} are allowed`);
  }
  return envelope;
}

function toMs(seconds: number | null | undefined): number | null {
  return seconds == null ? null : Math.max(1, Math.round(seconds * 1000));
}

/** The `Idempotency-Key` header, or null without one. Throws `invalid_request`. */
export function readKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  const key = String(header);
  if (key !== "" && key.length <= maxKeyLength) return key;
  const got = key === "" ? "an empty one" : `${key.length}`;
  throw new AvtomatikaError("invalid_request", `Idempotency-Key: expected 1 to ${maxKeyLength} characters, got ${got}`);
}
