/** How long the engines wait for a sign of life of a worker, in milliseconds. */
export const livenessMs = 6000;
/** How long a worker is stopped: longer than its silence is borne. */
export const workerStopMs = { least: livenessMs + 500, most: livenessMs + 4000 };
/** How long an engine is stopped: longer than the leases of its jobs. */
export const engineStopMs = { least: 15_200, most: 17_000 };

/** The exit code of an engine that didn't reach its store when it started. */
export const storeAway = 75;
