// The line that shows where the demo is: rewritten in a terminal, otherwise a line per change, at most two a second.

export class Progress {
  readonly #began = performance.now();
  #shown = "";
  #shownAt = Number.NEGATIVE_INFINITY;

  /** What may be skipped. */
  show(text: string): void {
    if (text === this.#shown) return;
    if (process.stdout.isTTY)
      process.stdout.write(`\r\u001b[2K${this.#stamp()} ${text}`.slice(0, process.stdout.columns + 5));
    else if (performance.now() - this.#shownAt < 500) return;
    else process.stdout.write(`${this.#stamp()} ${text}\n`);
    this.#shown = text;
    this.#shownAt = performance.now();
  }

  /** What stays. */
  tell(text: string): void {
    const clear = process.stdout.isTTY ? "\r\u001b[2K" : "";
    process.stdout.write(`${clear}${this.#stamp()} ${text}\n`);
  }

  #stamp(): string {
    return `[${((performance.now() - this.#began) / 1000).toFixed(1).padStart(5)} s]`;
  }
}
