import { isBucketName } from "#files/s3-options";
import { InvalidInputError } from "#task/errors";

/** An object of a store, or everything below a prefix. */
export interface ObjectAddress {
  readonly bucket: string;
  /** Ends with a slash if it is a prefix; the empty one is the whole bucket. */
  readonly key: string;
}

const scheme = "s3://";
const mostKeyBytes = 1024;

export function isAddress(text: string): boolean {
  return text.startsWith(scheme);
}

export function isPrefix({ key }: ObjectAddress): boolean {
  return key === "" || key.endsWith("/");
}

export function addressText({ bucket, key }: ObjectAddress): string {
  return `${scheme}${bucket}/${key}`;
}

/**
 * Reads `s3://bucket/key`; `at` is what messages call its place. Throws `InvalidInputError` for anything else, and for
 * keys that lead elsewhere once they are part of a URL or of a path.
 */
export function readAddress(text: string, at: string): ObjectAddress {
  const slash = text.indexOf("/", scheme.length);
  const bucket = text.slice(scheme.length, slash === -1 ? undefined : slash);
  const fail = (problem: string): never => {
    throw new InvalidInputError(
      `${at}: expected s3://bucket/key, got ${JSON.stringify(text.slice(0, 200))}: ${problem}`,
    );
  };
  if (!isBucketName(bucket)) fail("there is no bucket's name");
  if (slash === -1) fail("there is no key; a whole bucket ends with a slash");
  const key = text.slice(slash + 1);
  const problem = keyProblem(key);
  if (problem !== null) fail(problem);
  return { bucket, key };
}

/** Why a key can't be fetched, or null. */
export function keyProblem(key: string): string | null {
  if (Buffer.byteLength(key) > mostKeyBytes) return `a key has at most ${mostKeyBytes} bytes`;
  if (key.includes("\0")) return "a key has no NUL";
  if (key.startsWith("/")) return "a key doesn't begin with a slash";
  if (key.split("/").some((part) => part === "." || part === "..")) return 'no part of a key is "." or ".."';
  return null;
}
