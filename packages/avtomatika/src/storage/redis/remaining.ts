import type { LeaseRequest } from "#storage/storage";

/** What may still be leased of a wish, of which the parts before have used some. */
export function remaining(lease: LeaseRequest | null, used: number): LeaseRequest | null {
  return lease === null ? null : { ...lease, limit: lease.limit - used };
}
