import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import type { Json } from "#core/json";
import { didYouMean } from "#core/nearest";

/** A decision from its body. */
export function readDecision(body: { decision: string; comment?: string | null; metadata?: unknown }): {
  decision: string;
  comment: string | null;
  metadata: Json;
} {
  return { decision: body.decision, comment: body.comment ?? null, metadata: (body.metadata ?? null) as Json };
}

/** The error for a decision that was not accepted. */
export function refuseDecision(
  outcome: "closed" | "unknown" | "invalid",
  allowed: readonly string[],
  decision: string,
): AvtomatikaError {
  switch (outcome) {
    case "unknown":
      return new AvtomatikaError("not_found", "there is no such job");
    case "closed":
      return new AvtomatikaError("conflict", "the job doesn't wait for a decision");
    case "invalid": {
      const hint = didYouMean(decision, allowed);
      const expected = allowed.map(quote).join(", ");
      return new AvtomatikaError(
        "invalid_request",
        `decision: expected one of ${expected}, got ${quote(decision)}${hint}`,
      );
    }
  }
}
