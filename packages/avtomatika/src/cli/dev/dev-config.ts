import type { Config } from "#config/config";
import { loadConfig } from "#config/load-config";

export interface DevOptions {
  port?: number;
  storage?: string;
}

/** The configuration of the engines that `dev` runs. */
export function devConfig({ port: apiPort, storage: storageUri }: DevOptions): Config {
  const config = loadConfig({ apiHost: "127.0.0.1", apiPort, storageUri });
  // Readable, unless somebody asked for the other.
  return (process.env["LOG_FORMAT"] ?? "") === "" ? { ...config, logFormat: "text" } : config;
}
