import type { WorkerEntry } from "#config/read-workers";
import { hashToken, isSameHash } from "#config/token-hash";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { Directory } from "#server/access/directory";

/** The bearer of a worker's token: of a worker's own, or (null) of the shared one. */
export interface Sender {
  own: WorkerEntry | null;
}

const shared: Sender = { own: null };

/** The workers with tokens of their own, and the token that all others share, if there is one. */
export class WorkerDirectory {
  readonly own = new Directory<WorkerEntry>();
  readonly #sharedHash: string | null;

  constructor(sharedToken: string | null) {
    this.#sharedHash = sharedToken === null ? null : hashToken(sharedToken);
  }

  bearer(token: string): Sender | undefined {
    const hash = hashToken(token);
    const own = this.own.find(hash);
    if (own !== undefined) return { own };
    return this.#sharedHash !== null && isSameHash(hash, this.#sharedHash) ? shared : undefined;
  }

  /** Why a sender may not speak for a worker, or null if it may. A token may have become void since it was shown. */
  refusal({ own }: Sender, workerId: string): AvtomatikaError | null {
    if (own !== null && this.own.get(own.id) !== own) {
      return new AvtomatikaError("unauthorized", "the worker's token is not valid any more");
    }
    if (own !== null && own.id !== workerId) {
      const message = `the token is that of worker ${quote(own.id)}, which may not speak for ${quote(workerId)}`;
      return new AvtomatikaError("forbidden", message);
    }
    if (own === null && this.own.get(workerId) !== undefined) {
      const message = `worker ${quote(workerId)} has a token of its own (workers.toml): the shared one doesn't let it in`;
      return new AvtomatikaError("forbidden", message);
    }
    return null;
  }
}
