import { Packr } from "msgpackr";

/** Lua's reader knows neither `undefined` nor extensions. */
const envelopes = new Packr({ useRecords: false, int64AsType: "number", encodeUndefinedAsNil: true });
const bodies = new Packr({ useRecords: false, int64AsType: "number" });

const replacement = Buffer.from("\ufffd");

/** A value that only engines read, as bytes: MessagePack, in which bytes stand for a JSON text. */
export function packBody(value: unknown): Buffer {
  const packed = bodies.pack(value);
  return isFaithful(packed) ? packed : bodies.pack(Buffer.from(JSON.stringify(value)));
}

export function unpackBody(packed: Uint8Array): unknown {
  return fromJson(bodies.unpack(packed));
}

/** A body that was read as part of something else. */
export function fromJson(value: unknown): unknown {
  return value instanceof Uint8Array ? JSON.parse(Buffer.from(value).toString()) : value;
}

/** Several values one behind the other. */
export function packAll(...values: unknown[]): Buffer {
  return Buffer.concat(values.map((value) => bodies.pack(value)));
}

export function unpackAll(packed: Uint8Array): unknown[] {
  return bodies.unpackMultiple(packed) as unknown[];
}

/** What a script reads: plain values without `undefined`, empty names or bytes. */
export function packEnvelope(envelope: object): Buffer {
  return envelopes.pack(envelope);
}

export function unpackEnvelope(packed: Uint8Array): unknown {
  return envelopes.unpack(packed);
}

/**
 * MessagePack's text is UTF-8, which has no half of a surrogate pair, and its library renames a field `__proto__`.
 * Both are rare: bytes that look like one of them send the value through JSON.
 */
function isFaithful(packed: Buffer): boolean {
  return !packed.includes("__proto__") && !packed.includes(replacement) && !hasHalfPair(packed);
}

/** A half pair is written as ED A0…BF xx. */
function hasHalfPair(packed: Buffer): boolean {
  for (let at = packed.indexOf(0xed); at !== -1; at = packed.indexOf(0xed, at + 1)) {
    if ((packed[at + 1] ?? 0) >= 0xa0) return true;
  }
  return false;
}
