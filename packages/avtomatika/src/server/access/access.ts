import type { Config } from "#config/config";
import { readConfigFile } from "#config/config-file";
import { type ClientEntry, readClients } from "#config/read-clients";
import { readWorkers } from "#config/read-workers";
import { type AccessKind, accessFiles, sharedToken } from "#config/shared-tokens";
import { signatureOf } from "#config/signature-of";
import { hashToken } from "#config/token-hash";
import { defaultTokens, variables } from "#config/variables";
import { AvtomatikaError } from "#core/errors";
import type { Logger } from "#core/logger";
import { type Change, Directory } from "#server/access/directory";
import { FileWatch } from "#server/access/file-watch";
import { WorkerDirectory } from "#server/access/worker-directory";

const kinds = ["clients", "workers"] as const;

/**
 * Who may come in: the clients and workers of the two files, where there are such, and the bearers of the shared
 * tokens. A file that can't be used changes nothing: the last good version goes on.
 */
export class Access {
  readonly clients = new Directory<ClientEntry>();
  readonly workers: WorkerDirectory;
  /** Told of workers that came, changed or went, after they did. */
  onWorkers: (change: Change) => void = () => {};
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #isProduction: boolean;
  /** What was read last of each file. */
  readonly #read = new Map<AccessKind, string>();
  readonly #watches = new Map<AccessKind, FileWatch>();

  /**
   * Reads the files that are configured.
   * @throws AvtomatikaError `invalid_config` with everything that is wrong with a file
   */
  constructor(config: Config, logger: Logger, nodeEnv: string | undefined = process.env["NODE_ENV"]) {
    this.#config = config;
    this.#logger = logger;
    this.#isProduction = nodeEnv === "production";
    this.workers = new WorkerDirectory(sharedToken("workers", config));
    for (const kind of kinds) {
      if (this.#path(kind) !== "") this.#load(kind);
    }
    if (this.#path("clients") === "") this.#replaceClients([]);
  }

  /** The sections that have a default token, as messages call them. */
  defaultTokens(): string[] {
    const [client, worker] = [
      this.clients.bearer(defaultTokens.clientToken),
      this.workers.own.bearer(defaultTokens.globalWorkerToken),
    ];
    const isSection = client !== undefined && client.id !== defaultId;
    return [...(isSection ? [`[${client.id}]`] : []), ...(worker === undefined ? [] : [`[${worker.id}]`])];
  }

  /**
   * Reads a file again.
   * @throws AvtomatikaError `invalid_config` with everything that is wrong, also where no file is configured
   */
  reload(kind: AccessKind): void {
    const path = this.#path(kind);
    if (path === "") {
      const { name } = variables[accessFiles[kind].path];
      throw new AvtomatikaError("invalid_config", `${name} is not set: there is no file of ${kind} to read`);
    }
    const { added, changed, removed } = this.#load(kind);
    this.#logger.info({ file: path, added, changed, removed }, `the ${kind} are read`);
  }

  /** Reads every configured file again; what is wrong with one is logged. */
  reloadAll(): void {
    for (const kind of kinds) {
      if (this.#path(kind) !== "") this.#tryReload(kind);
    }
  }

  /** From here on a file is read again when it changes. */
  watch(): void {
    for (const kind of kinds) {
      const known = this.#read.get(kind);
      if (known === undefined) continue;
      this.#watches.set(kind, new FileWatch(this.#path(kind), known, () => this.#tryReload(kind)));
    }
  }
  close(): void {
    for (const watch of this.#watches.values()) watch.close();
    this.#watches.clear();
  }

  #tryReload(kind: AccessKind): void {
    try {
      this.reload(kind);
    } catch (error) {
      if (!(error instanceof AvtomatikaError)) throw error;
      const problems = error.details ?? [error.message];
      this.#logger.error({ file: this.#path(kind), problems }, "the file can't be used: what was read before stays");
    }
  }

  #load(kind: AccessKind): Change {
    const file = this.#path(kind);
    const signature = signatureOf(file);
    this.#read.set(kind, signature);
    this.#watches.get(kind)?.mark(signature);
    const text = readConfigFile(variables[accessFiles[kind].path].name, file);
    const options = { file, taken: this.#takenTokens(kind) };
    if (kind === "clients") {
      const { entries, warnings } = readClients(text, options);
      for (const warning of warnings) this.#logger.warn(warning);
      return this.#replaceClients(entries);
    }
    const change = this.workers.own.replace(readWorkers(text, options).entries);
    this.onWorkers(change);
    return change;
  }

  /** The bearer of `CLIENT_TOKEN` is everybody's admin where nobody else is, and a plain client beside a file. */
  #replaceClients(entries: readonly ClientEntry[]): Change {
    const token = sharedToken("clients", this.#config);
    if (token === null) return this.clients.replace(entries);
    const admin = this.#path("clients") === "";
    return this.clients.replace([{ ...nobody, id: defaultId, hash: hashToken(token), admin }, ...entries]);
  }

  /** Tokens that no section may have: two would come in by one. */
  #takenTokens(kind: AccessKind): Map<string, string> {
    const { token: key } = accessFiles[kind];
    const taken = new Map<string, string>();
    const shared = sharedToken(kind, this.#config);
    if (shared !== null) taken.set(hashToken(shared), `that of ${variables[key].name}`);
    if (this.#isProduction) taken.set(hashToken(defaultTokens[key]), "the default one (NODE_ENV is production)");
    return taken;
  }

  #path(kind: AccessKind): string {
    return this.#config[accessFiles[kind].path];
  }
}

const defaultId = "default";
const nobody = { plan: null, monthlyAttempts: null, webhookSecrets: [], params: {} };
