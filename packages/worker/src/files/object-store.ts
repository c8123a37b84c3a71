import { constants, createWriteStream } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { Backoff } from "#engine/backoff";
import { pause } from "#engine/pause";
import { Gate } from "#files/gate";
import { addressText, type ObjectAddress } from "#files/object-address";
import { S3Clients } from "#files/s3-client";
import type { S3Settings } from "#files/s3-options";
import { isMissing, isPassing, transferProblem } from "#files/transfer-error";
import { readPart, uploadParts } from "#files/upload-parts";
import { InvalidInputError, PermanentError, TransientError } from "#task/errors";

/** How often a request is made before the task fails: an outage of some seconds isn't worth running a handler again. */
const mostTries = 5;
const mostPerPage = 1000;
/** What is larger travels in parts of at least this size, which never are in memory all at once. */
const partBytes = 8 * 2 ** 20;

/** Rejects, with what to install, if the library isn't there. The store itself is asked for nothing yet. */
export async function openStore(settings: S3Settings): Promise<ObjectStore> {
  return new ObjectStore(await S3Clients.load(settings), settings.maxTransfers);
}

/** The objects of a store. Everything it throws is an error in the task's terms, or the signal's reason. */
export class ObjectStore {
  readonly #clients: S3Clients;
  readonly #gate: Gate;

  constructor(clients: S3Clients, maxTransfers: number) {
    this.#clients = clients;
    this.#gate = new Gate(maxTransfers);
  }

  /** Streams an object to a file. Throws `InvalidInputError`, which calls its place `at`, if there is none. */
  async download(address: ObjectAddress, file: string, at: string, signal: AbortSignal): Promise<void> {
    const client = this.#clients.of(address.bucket, signal);
    const act = async (): Promise<void> => {
      const { body } = await client.getObjectRaw(address.key);
      if (body === null) await writeFile(file, "");
      else await pipeline(body, createWriteStream(file), { signal });
    };
    await this.#patiently(signal, act, (error) => inputError(error, address, at));
  }

  /** The keys below a prefix, in the store's order. Throws `InvalidInputError` if there is no such bucket. */
  async list(address: ObjectAddress, at: string, signal: AbortSignal): Promise<string[]> {
    const client = this.#clients.of(address.bucket, signal);
    const keys: string[] = [];
    let next: string | undefined;
    do {
      const from = next;
      const act = () => client.listObjectsPaged("/", address.key, mostPerPage, from);
      const page = await this.#patiently(signal, act, (error) => inputError(error, address, at));
      if (page == null) throw new InvalidInputError(`${at}: there is no bucket "${address.bucket}"`);
      keys.push(...(page.objects ?? []).map(({ Key }) => Key));
      next = page.nextContinuationToken;
    } while (next !== undefined);
    return keys;
  }

  /** Stores a file; a large one in parts. It may be no link. */
  async upload(file: string, address: ObjectAddress, at: string, signal: AbortSignal): Promise<void> {
    const client = this.#clients.of(address.bucket, signal);
    const send = <T>(act: () => Promise<T>): Promise<T> =>
      this.#patiently(signal, act, (error) => outputError(error, address, at));
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await handle.stat();
      if (size <= partBytes) {
        await send(async () => void (await client.putObject(address.key, await readPart(handle, 0, size))));
        return;
      }
      const farewell = (): ReturnType<S3Clients["of"]> => this.#clients.of(address.bucket, AbortSignal.timeout(5000));
      await uploadParts({ client, farewell, key: address.key, handle, size, partBytes, send, signal });
    } finally {
      await handle.close();
    }
  }

  /** Stands for a folder without files. */
  async mark(address: ObjectAddress, at: string, signal: AbortSignal): Promise<void> {
    const client = this.#clients.of(address.bucket, signal);
    const act = () => client.putObject(address.key, "");
    await this.#patiently(signal, act, (error) => outputError(error, address, at));
  }

  async close(): Promise<void> {
    await this.#clients.close();
  }

  async #patiently<T>(signal: AbortSignal, act: () => Promise<T>, read: (error: unknown) => Error): Promise<T> {
    const backoff = new Backoff();
    for (let tries = 1; ; tries++) {
      try {
        return await this.#gate.pass(signal, act);
      } catch (error) {
        signal.throwIfAborted();
        if (tries === mostTries || !isPassing(error)) throw read(error);
      }
      await pause(backoff.next(), signal);
      signal.throwIfAborted();
    }
  }
}

function inputError(error: unknown, address: ObjectAddress, at: string): Error {
  const options = { cause: error };
  if (isMissing(error)) {
    return new InvalidInputError(`${at}: ${addressText(address)} isn't there (${transferProblem(error)})`, options);
  }
  const text = `${at}: ${addressText(address)} can't be fetched: ${transferProblem(error)}`;
  return isPassing(error) ? new TransientError(text, options) : new PermanentError(text, options);
}

function outputError(error: unknown, { bucket }: ObjectAddress, at: string): Error {
  if (error instanceof PermanentError) return error;
  const options = { cause: error };
  const text = `${at} can't be stored in the bucket "${bucket}": ${transferProblem(error)}`;
  return isPassing(error) ? new TransientError(text, options) : new PermanentError(text, options);
}
