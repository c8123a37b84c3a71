import { checkOptions } from "#http/check-options";
import { invalidArgument } from "#http/errors";
import { type RetryOptions, type RetryPolicy, retryPolicy } from "#http/retry-policy";

export interface AvtomatikaClientOptions {
  /** Where the engine is: `http://127.0.0.1:8080`. A path in it stands before every other. */
  url: string;
  /** The client's token. */
  token: string;
  /** The engine's `CLIENT_API_PREFIX`; `api` by default. */
  apiPrefix?: string | undefined;
  /** The longest silence of the engine in milliseconds, beyond what it was asked to hold; 30,000 by default. */
  timeoutMs?: number | undefined;
  /** Repeats where they are safe; `false` for none. */
  retry?: RetryOptions | false | undefined;
}

export interface ClientSettings {
  url: URL;
  token: string;
  /** Without slashes around it. */
  apiPrefix: string;
  timeoutMs: number;
  retry: RetryPolicy;
}

const defaultTimeoutMs = 30_000;

/** The options, checked and with their defaults. Throws `invalid_argument` that names the option. */
export function readOptions(options: AvtomatikaClientOptions): ClientSettings {
  checkOptions("AvtomatikaClient", options, ["url", "token", "apiPrefix", "timeoutMs", "retry"]);
  const { url, token, apiPrefix = "api", timeoutMs = defaultTimeoutMs, retry } = options;
  if (typeof token !== "string" || !/^[\x20-\x7e\x80-\xff]+$/.test(token)) {
    throw invalidArgument("token: expected the client's token, a text that fits a header");
  }
  const prefix = typeof apiPrefix === "string" ? apiPrefix.replace(/^\/+|\/+$/g, "") : "";
  if (prefix === "") throw invalidArgument(`apiPrefix: expected a path, got ${JSON.stringify(apiPrefix)}`);
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0)) {
    throw invalidArgument(`timeoutMs: expected a number above 0, got ${String(timeoutMs)}`);
  }
  return { url: readUrl(url), token, apiPrefix: prefix, timeoutMs, retry: retryPolicy(retry) };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw invalidArgument(`url: expected one like http://127.0.0.1:8080, got ${JSON.stringify(text) ?? "nothing"}`);
}
