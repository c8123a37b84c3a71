import type { Config } from "#config/config";
import { isDefaulted } from "#config/load-config";

/** Whose access a file describes, and which settings belong to it. */
export const accessFiles = {
  clients: { path: "clientsConfigPath", token: "clientToken" },
  workers: { path: "workersConfigPath", token: "globalWorkerToken" },
} as const;
export type AccessKind = keyof typeof accessFiles;

/** The token that lets in who has no section in a file; null if none does: beside a file only one that was set counts. */
export function sharedToken(kind: AccessKind, config: Config): string | null {
  const { path, token } = accessFiles[kind];
  return config[path] !== "" && isDefaulted(config, token) ? null : config[token];
}
