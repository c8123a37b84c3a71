// clients.toml and workers.toml in a folder of their own, and calls by their tokens.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Answer, CallOptions, Served } from "./served.ts";

/** The files of one test. */
export class AccessFiles {
  readonly folder = mkdtempSync(join(tmpdir(), "avtomatika-access-"));
  readonly clients = join(this.folder, "clients.toml");
  readonly workers = join(this.folder, "workers.toml");

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** As an editor does it: a new file in the place of the old one. */
  write(kind: "clients" | "workers", text: string): void {
    const fresh = join(this.folder, `.${kind}.fresh`);
    writeFileSync(fresh, text);
    renameSync(fresh, this[kind]);
  }

  /** For `loadConfig`: both files, no shared token. */
  get config() {
    return {
      clientsConfigPath: this.clients,
      workersConfigPath: this.workers,
      clientToken: undefined,
      globalWorkerToken: undefined,
    };
  }
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

/** Calls as a client. */
export function clientOf(served: Served, token: string): Call {
  return (method, path, options = {}) =>
    served.call(method, path, { ...options, headers: { "x-client-token": token, ...options.headers } });
}

/** Calls as a worker. */
export function workerOf(served: Served, token: string): Call {
  return (method, path, options = {}) =>
    served.call(method, path, { ...options, headers: { "x-worker-token": token, ...options.headers } });
}
