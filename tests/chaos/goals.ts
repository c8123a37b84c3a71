import { actions, policies, statuses } from "../kill/verdict.ts";
import { type Kind, kinds } from "./disturbances.ts";

/** What a run has to bring about, by its length; the whole one takes ten minutes. */
export interface Goals {
  /** Of the client that has one. */
  quota: number;
  /** How often each kind of disturbance is tried. */
  times: number;
  /** What is missing. */
  shortOf: (run: { jobs: number; counts: ReadonlyMap<Kind, number>; gapMs: number }) => string[];
}

const longestGapMs = 5000;
/** See docs/testing.md for where it comes from. */
export const stallBoundMs = 60_000;

/** In a minute. */
const whole = { jobs: 2000, disturbances: 30, each: 2, tried: 2.8 };
const quick = { jobs: 2000, disturbances: 20, each: 1, tried: 2 };

export function goalsOf(minutes: number, isQuick: boolean): Goals {
  const rates = isQuick ? quick : whole;
  const least = { jobs: rates.jobs * minutes, disturbances: rates.disturbances * minutes, each: rates.each * minutes };
  return {
    quota: Math.round(200 * minutes),
    times: Math.max(2, Math.round(rates.tried * minutes)),
    shortOf: ({ jobs, counts, gapMs }) => {
      const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
      const rare = kinds.filter((kind) => (counts.get(kind) ?? 0) < least.each);
      return [
        ...(jobs < least.jobs ? [`there were only ${jobs} of ${least.jobs} jobs`] : []),
        ...(all < least.disturbances ? [`there were only ${all} of ${least.disturbances} disturbances`] : []),
        ...rare.map((kind) => `"${kind}" occurred only ${counts.get(kind)} times, not ${least.each}`),
        ...(gapMs > longestGapMs ? [`for ${(gapMs / 1000).toFixed(1)} s nothing was disturbed`] : []),
      ];
    },
  };
}

const others = [
  ...["throw", "handler rerun", "task retried", "creation", "cancel", "decision", "requeue", "discard"],
  ...["result accepted", "nonce applied", "once given again", "view of an ended job", "creation over the quota"],
  "worker that crashed by itself",
];

/** What must have happened in every run. */
export const expected: readonly string[] = [...actions, ...policies, ...statuses, ...others, ...kinds];
