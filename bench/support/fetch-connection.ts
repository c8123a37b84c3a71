import type { Answer } from "./connection.ts";

/** The calls of a program that has nothing but the global `fetch`. */
export class FetchConnection {
  readonly #address: string;
  readonly #headers: Record<string, string>;
  readonly #closed = new AbortController();

  constructor(address: string, headers: Record<string, string>) {
    this.#address = address;
    this.#headers = headers;
  }

  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const { signal } = this.#closed;
    const sent = body === undefined ? null : JSON.stringify(body);
    const headers = sent === null ? this.#headers : { ...this.#headers, "content-type": "application/json" };
    const answer = await fetch(this.#address + path, { method, headers, body: sent, signal });
    return { status: answer.status, body: await answer.text() };
  }

  /** The same for JSON that has to be there: any other status is an error. */
  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.send(method, path, body);
    if (answer.status < 200 || answer.status > 202) {
      throw new Error(`${method} ${path} was answered ${answer.status} ${answer.body}`);
    }
    return JSON.parse(answer.body) as T;
  }

  close(): void {
    this.#closed.abort();
  }
}
