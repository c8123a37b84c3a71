/** Something may have changed: whoever waits looks again. */
export class Bell {
  #rung = Promise.withResolvers<void>();

  ring(): void {
    this.#rung.resolve();
    this.#rung = Promise.withResolvers<void>();
  }

  /** Resolves with the next ring. */
  next(): Promise<void> {
    return this.#rung.promise;
  }

  /** Resolves when `holds` does; it is asked now and after each ring. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.next();
  }
}
