import { AvtomatikaError } from "#http/errors";

/** What came back, before it is judged. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** An answer that is a success. */
export interface Answer {
  status: number;
  headers: RawAnswer["headers"];
  body: unknown;
}

const longestQuote = 200;

/**
 * The answer's JSON.
 * @throws AvtomatikaError the engine's error; `bad_answer` for a success that is no JSON; `http_error` for an error that isn't the engine's
 */
export function readAnswer(answer: RawAnswer, now: number): Answer {
  const { status, headers, text } = answer;
  const body = parse(text);
  if (status >= 300) throw refusal(answer, body, now);
  if (body === undefined) {
    throw new AvtomatikaError(`expected JSON from the engine, got ${quote(text)}`, { status, code: "bad_answer" });
  }
  return { status, headers, body };
}

/** The body, if it is an object. Throws `bad_answer`. */
export function readObject({ status, body }: Answer): object {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  throw new AvtomatikaError(`expected an object, got ${quote(String(JSON.stringify(body)))}`, {
    status,
    code: "bad_answer",
  });
}

/** The body, if it is an array of objects. Throws `bad_answer`. */
export function readObjects(answer: Answer): object[] {
  const { status, body } = answer;
  if (Array.isArray(body)) return body.map((each) => readObject({ ...answer, body: each }));
  throw new AvtomatikaError(`expected an array, got ${quote(String(JSON.stringify(body)))}`, {
    status,
    code: "bad_answer",
  });
}

function refusal({ status, headers, text }: RawAnswer, body: unknown, now: number): AvtomatikaError {
  const { error, code, details, request_id: requestId } = (body ?? {}) as Record<string, unknown>;
  const retryAfterMs = readRetryAfter(headers["retry-after"], now);
  if (typeof error !== "string" || typeof code !== "string") {
    return new AvtomatikaError(`HTTP ${status}: ${quote(text)}`, { status, code: "http_error", retryAfterMs });
  }
  return new AvtomatikaError(error, {
    status,
    code,
    details: Array.isArray(details) ? details.map(String) : undefined,
    requestId: typeof requestId === "string" ? requestId : undefined,
    retryAfterMs,
  });
}

/** Seconds or a date, as milliseconds from `now`. */
function readRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function quote(text: string): string {
  if (text === "") return "an empty body";
  return JSON.stringify(text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text);
}
