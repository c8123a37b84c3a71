// Quotas and rate limits.
import { type Planted, planted } from "./planted.ts";

const rows = "storage/rows";

export const quota: readonly Planted[] = [
  planted("quota charged after the creation", "simulation", [
    "engine/create-jobs.ts",
    "    const { ids, retryAfterMs } = await",
    "    await insert(own, results, create);\n    const { ids, retryAfterMs } = await",
  ]),
  planted("quota exceeded by one", "simulation", [`${rows}/quota.ts`, "counter.used < limit", "counter.used <= limit"]),
  planted("a repeated charge is counted again", "suite", [
    `${rows}/quota.ts`,
    "if (before !== undefined) return before.state",
    'if (before?.state === "refused") return before.state',
  ]),
  planted("a repeated refund is given again", "suite", [
    `${rows}/quota.ts`,
    '  if (row.state === "refunded") return true;\n',
    "",
  ]),
  planted("a repeated creation keeps its unit", "simulation", [
    "engine/create-jobs.ts",
    "if (unused.length > 0) await create.quota.refund",
    "if (unused.length < 0) await create.quota.refund",
  ]),
  planted("jobs charged to a month that is over", "suite", [
    `${rows}/quota.ts`,
    "call.now < period.from || call.now >= period.to",
    "call.now < period.from",
  ]),
  planted("portion not deducted", "suite", [
    "core/token-bucket.ts",
    "limit.burst - level - lent;",
    "limit.burst - level;",
  ]),
  planted("seats' allowances not deducted", "suite", [
    "core/rate-share.ts",
    "burst: burst - own.burst * seats }",
    "burst }",
  ]),
  planted("a quota forgotten by the next commit", "kill", [
    "storage/sqlite/sqlite-counters.ts",
    "this.#statements.putQuota(owner, period, used, expiresAt);",
    "if (used < 40) this.#statements.putQuota(owner, period, used, expiresAt);",
  ]),
];
