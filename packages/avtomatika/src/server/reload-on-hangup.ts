import type { Config } from "#config/config";

/**
 * From here on SIGHUP reads the files of clients and workers again, until the returned function is called. Without such
 * files the signal keeps its meaning: the terminal is gone, and so is the process.
 */
export function reloadOnHangup(engine: { readonly config: Config; reload(): void }): () => void {
  const { clientsConfigPath, workersConfigPath } = engine.config;
  if (clientsConfigPath === "" && workersConfigPath === "") return () => {};
  const reload = () => engine.reload();
  process.on("SIGHUP", reload);
  return () => void process.off("SIGHUP", reload);
}
