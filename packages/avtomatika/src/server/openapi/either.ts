import type { TSchema } from "@avtomatika/protocol";

/** A schema for any of some answers. */
export function either(...anyOf: readonly TSchema[]): TSchema {
  return { anyOf };
}
