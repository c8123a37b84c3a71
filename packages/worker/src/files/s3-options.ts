import { didYouMean } from "#options/did-you-mean";
import { whole } from "#options/whole";

/**
 * A store of files that speaks the S3 protocol: `s3://bucket/key` in params becomes a local file before the handler
 * runs, and the path of a file in the task's folder becomes such an address in its result. Needs the package `s3mini`.
 */
export interface S3Options {
  /** Where the store is, buckets being the first part of its paths (`S3_ENDPOINT_URL`). Without it nothing is offloaded. */
  endpointUrl?: string | URL | undefined;
  /** `S3_ACCESS_KEY`. Needed. */
  accessKey?: string | undefined;
  /** `S3_SECRET_KEY`. Needed. */
  secretKey?: string | undefined;
  /** Where uploads go; it has to be there (`S3_DEFAULT_BUCKET`). Default `avtomatika-payloads`. */
  defaultBucket?: string | undefined;
  /** `S3_REGION`. Default `us-east-1`. */
  region?: string | undefined;
  /** How many files, or parts of 8 MiB of larger ones, this worker moves at a time. Default 8. */
  maxTransfers?: number | undefined;
}

/** The options with their defaults, checked. */
export interface S3Settings {
  endpoint: URL;
  accessKey: string;
  secretKey: string;
  bucket: string;
  region: string;
  maxTransfers: number;
}

const names: Readonly<Record<keyof S3Options, true>> = {
  endpointUrl: true,
  accessKey: true,
  secretKey: true,
  defaultBucket: true,
  region: true,
  maxTransfers: true,
};

/**
 * Null if no store is asked for: without `given`, and without an endpoint in the environment. Throws a `TypeError` that
 * names the option and what was expected.
 */
export function readS3(given: S3Options | undefined, environment: S3Options): S3Settings | null {
  if (given === undefined && environment.endpointUrl === undefined) return null;
  if (given !== undefined) refuseUnknown(given);
  const stated = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  const options: S3Options = { ...environment, ...Object.fromEntries(stated) };
  return {
    endpoint: readEndpoint(options.endpointUrl),
    accessKey: text("accessKey", "S3_ACCESS_KEY", options.accessKey),
    secretKey: text("secretKey", "S3_SECRET_KEY", options.secretKey),
    bucket: readBucket(options.defaultBucket ?? "avtomatika-payloads"),
    region: text("region", "S3_REGION", options.region ?? "us-east-1"),
    maxTransfers: whole("s3.maxTransfers", options.maxTransfers ?? 8),
  };
}

/** Whether a bucket may be called so, in any store. */
export function isBucketName(name: unknown): name is string {
  return typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(name) && !name.includes("..");
}

function refuseUnknown(given: S3Options): void {
  if (typeof given !== "object" || given === null) {
    throw new TypeError(`s3: expected an object with endpointUrl, accessKey, secretKey, got ${String(given)}`);
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(names, name)) {
      throw new TypeError(`s3: unknown option "${name}"${didYouMean(name, Object.keys(names))}`);
    }
  }
}

function readEndpoint(value: unknown): URL {
  if (value === undefined)
    throw new TypeError("s3.endpointUrl: expected the store's URL, here or in S3_ENDPOINT_URL, got nothing");
  const url = URL.parse(String(value));
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new TypeError(`s3.endpointUrl: expected an http or https URL, got ${JSON.stringify(String(value))}`);
}

function readBucket(value: unknown): string {
  if (isBucketName(value)) return value;
  throw new TypeError(`s3.defaultBucket: expected a bucket's name, got ${JSON.stringify(value)}`);
}

function text(name: string, variable: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  const got = value === undefined || value === "" ? "nothing" : `a ${typeof value}`;
  throw new TypeError(`s3.${name}: expected a text, here or in ${variable}, got ${got}`);
}
