import type { Config } from "#config/config";
import { defaultSettings, type Settings } from "#core/settings";

/** What the core has to know of a configuration. */
export function settingsOf(config: Config): Settings {
  return {
    ...defaultSettings,
    retry: { ...defaultSettings.retry, maxRetries: config.jobMaxRetries },
    maxLostRuns: config.jobMaxLostRuns,
    retentionMs: Math.round(config.jobRetentionSeconds * 1000),
    cancelGraceMs: Math.round(config.cancelGraceSeconds * 1000),
    workerTimeoutMs: Math.round(config.workerTimeoutSeconds * 1000),
    livenessMs: Math.round(config.workerHealthCheckIntervalSeconds * 2000),
    recoveryGraceMs: Math.round(config.recoveryGraceSeconds * 1000),
    maxStateBytes: config.stateHistoryLimitBytes,
  };
}
