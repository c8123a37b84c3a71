import { createHash, timingSafeEqual } from "node:crypto";

/** What is kept of a token: enough to know it again, nothing to read it from. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** Hashes have one length, and their comparison takes one time. */
export function isSameHash(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
