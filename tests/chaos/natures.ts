/** What the eight workers are like. The raw ones speak HTTP themselves, in batches, as an SDK of another language does. */
const natures = ["raw", "raw", "raw", "normal", "normal", "slow", "failing", "crashing"] as const;
export const workerCount = natures.length;

export function natureOf(number: number): (typeof natures)[number] {
  return natures[number] as (typeof natures)[number];
}
