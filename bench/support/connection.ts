// One keep-alive connection that speaks just enough HTTP/1.1: a general client would cost more than the engine.
import { connect, type Socket } from "node:net";

export interface Answer {
  status: number;
  body: string;
}

/** One request at a time; a second one waits for the first. */
export class Connection {
  readonly #port: number;
  readonly #headers: string;
  #socket: Socket | null = null;
  #received = "";
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  #last: Promise<unknown> = Promise.resolve();

  /** `address` is `http://127.0.0.1:PORT`; `headers` go with every request. */
  constructor(address: string, headers: Record<string, string>) {
    this.#port = Number(new URL(address).port);
    const lines = Object.entries({ host: `127.0.0.1:${this.#port}`, ...headers });
    this.#headers = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  }

  /** Rejects when the connection is cut before the answer. */
  send(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const type = text === "" ? "" : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`;
    const request = `${method} ${path} HTTP/1.1\r\n${this.#headers}${type}\r\n${text}`;
    const answer = this.#last.then(() => this.#exchange(request));
    this.#last = answer.catch(() => {});
    return answer;
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
    this.#socket?.destroy();
  }

  #exchange(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket ??= this.#connect();
      this.#socket.write(request);
    });
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    // Bytes as characters: lengths are counted in bytes, and only bodies are decoded.
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      this.#received = this.#received === "" ? chunk : this.#received + chunk;
      this.#read();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#socket = null;
      this.#received = "";
      this.#waiting?.reject(new Error("the connection was cut"));
      this.#waiting = null;
    });
    return socket;
  }

  #read(): void {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end === -1) return;
    const head = this.#received.slice(0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    const body = Buffer.from(this.#received.slice(end + 4, end + 4 + length), "latin1").toString();
    this.#received = this.#received.slice(end + 4 + length);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}
