import type { FileHandle } from "node:fs/promises";
import type { S3mini, UploadPart } from "s3mini";
import { together } from "#files/together";
import { isMissing } from "#files/transfer-error";
import { PermanentError } from "#task/errors";

/** No upload has more parts. */
const mostParts = 10_000;

export interface PartsOptions {
  client: S3mini;
  /** A client for the last words after a failure: the other one's signal may have aborted. */
  farewell: () => S3mini;
  key: string;
  handle: FileHandle;
  size: number;
  partBytes: number;
  /** Makes a request, with patience, when its turn comes. */
  send: <T>(act: () => Promise<T>) => Promise<T>;
  signal: AbortSignal;
}

/** Uploads a file part by part; a failure leaves no parts in the store, if that can be told. */
export async function uploadParts({
  client,
  farewell,
  key,
  handle,
  size,
  send,
  signal,
  ...options
}: PartsOptions): Promise<void> {
  const partBytes = Math.max(options.partBytes, Math.ceil(size / mostParts));
  const id = await send(() => client.getMultipartUploadId(key));
  try {
    const numbers = Array.from({ length: Math.ceil(size / partBytes) }, (_, n) => n + 1);
    const parts = await together(numbers, signal, (number, any) =>
      send(async () => {
        any.throwIfAborted();
        const from = (number - 1) * partBytes;
        return client.uploadPart(key, id, await readPart(handle, from, Math.min(partBytes, size - from)), number);
      }),
    );
    await send(() => complete(client, key, id, parts, size));
  } catch (error) {
    await farewell()
      .abortMultipartUpload(key, id)
      .catch(() => {});
    throw error;
  }
}

/** So many bytes of a file, however often it is asked. Throws `PermanentError` if there are fewer. */
export async function readPart(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(buffer, at, length - at, from + at);
    if (bytesRead === 0) throw new PermanentError("a file became shorter while it was uploaded");
    at += bytesRead;
  }
  return buffer;
}

/** A store may answer 200 and an error; and where an answer was lost, it doesn't know the upload any more. */
async function complete(client: S3mini, key: string, id: string, parts: UploadPart[], size: number): Promise<void> {
  try {
    const { etag } = await client.completeMultipartUpload(key, id, parts);
    if (!etag) throw new Error("the store didn't put the parts together");
  } catch (error) {
    if (!isMissing(error) || (await client.getContentLength(key).catch(() => -1)) !== size) throw error;
  }
}
