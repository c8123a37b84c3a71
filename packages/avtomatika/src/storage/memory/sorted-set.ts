/** The most entries of one chunk: small enough to shift cheaply, large enough to keep chunks few. */
const chunkSize = 512;

interface Entry {
  score: number;
  id: string;
}

/**
 * Entries ordered by score, then id. A list of sorted chunks: adding and deleting cost a binary search and the
 * shift of one chunk.
 */
export class SortedSet {
  #chunks: Entry[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(score: number, id: string): void {
    const at = this.#chunkFor(score, id);
    const chunk = this.#chunks[at];
    this.#size += 1;
    if (chunk === undefined) {
      this.#chunks.push([{ score, id }]);
      return;
    }
    chunk.splice(position(chunk, score, id), 0, { score, id });
    if (chunk.length > chunkSize) this.#chunks.splice(at + 1, 0, chunk.splice(chunkSize / 2));
  }

  /** True if the entry was there. */
  delete(score: number, id: string): boolean {
    const at = this.#chunkFor(score, id);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return false;
    const index = position(chunk, score, id);
    if (chunk[index]?.id !== id || chunk[index].score !== score) return false;
    chunk.splice(index, 1);
    this.#size -= 1;
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    return true;
  }

  first(): Entry | undefined {
    return this.#chunks[0]?.[0];
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** The ids with a score of at most `score`, lowest first. */
  upTo(score: number, limit: number): string[] {
    const ids: string[] = [];
    for (const entry of this) {
      if (entry.score > score || ids.length >= limit) break;
      ids.push(entry.id);
    }
    return ids;
  }

  /** Ids with a score of at least `score`, lowest first. */
  from(score: number, limit: number): string[] {
    const ids: string[] = [];
    for (let at = this.#chunkFor(score, ""); at < this.#chunks.length && ids.length < limit; at++) {
      const chunk = this.#chunks[at] as Entry[];
      for (let index = position(chunk, score, ""); index < chunk.length && ids.length < limit; index++) {
        ids.push((chunk[index] as Entry).id);
      }
    }
    return ids;
  }

  /** Entries below (score, id), highest first. */
  *below(score: number, id: string): Generator<Entry> {
    let at = Math.min(this.#chunkFor(score, id), this.#chunks.length - 1);
    for (; at >= 0; at--) {
      const chunk = this.#chunks[at] as Entry[];
      for (let index = position(chunk, score, id) - 1; index >= 0; index--) yield chunk[index] as Entry;
    }
  }

  /** The chunk in which an entry stands or belongs: the first whose last entry is not before it, else the last. */
  #chunkFor(score: number, id: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const last = this.#chunks[middle]?.at(-1) as Entry;
      if (last.score < score || (last.score === score && last.id < id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where an entry stands or belongs in a chunk. */
function position(chunk: readonly Entry[], score: number, id: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = chunk[middle] as Entry;
    if (entry.score < score || (entry.score === score && entry.id < id)) low = middle + 1;
    else high = middle;
  }
  return low;
}
