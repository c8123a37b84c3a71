/** One request, and what its answer has to be. */
export interface Attack {
  /** As the engine's list of routes has it: `POST /api/v1/jobs/:job_id/cancel`. */
  route: string;
  /** What is wrong with it. */
  kind: string;
  method: string;
  path: string;
  headers: Record<string, string | string[]>;
  body: string | Buffer | null;
  expected: Expected;
}

export interface Expected {
  /** One of these; anything below 500 if it is left out. */
  status?: readonly number[];
  /** A part of the error's message. */
  message?: string;
  /** Of a batch the first entry is rejected with a message that has this part. */
  rejects?: string;
}

export interface Answer {
  status: number;
  headers: string;
  contentType: string;
  link: string | null;
  text: string;
}

/** The JSON of an answer, which has to be an object. */
export function objectOf({ text }: Answer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
