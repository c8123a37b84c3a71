import type { CallOptions } from "#http/caller";
import { camelCase } from "#http/camel-case";
import { type Answer, readObjects } from "#http/read-answer";
import type { JobStatus } from "#jobs/job-status";

/** Which part of a list. */
export interface PageOptions extends CallOptions {
  blueprint?: string | undefined;
  /** 1 to 1000, 100 by default. */
  limit?: number | undefined;
  /** The `nextCursor` of the page before; not together with `offset`. */
  cursor?: string | undefined;
  /** Up to 10,000. */
  offset?: number | undefined;
}

export interface ListOptions extends PageOptions {
  status?: JobStatus | undefined;
}

export const pageOptions = ["blueprint", "limit", "cursor", "offset", "signal"] as const;

/** A job in a list. Times are RFC 3339 in UTC. */
export interface JobEntry {
  id: string;
  jobId: string;
  blueprintName: string;
  status: JobStatus;
  currentState: string;
  errorMessage: string | null;
  parentJobId: string | null;
  createdAt: string;
  updatedAt: string;
  endedAt: string | null;
}

/** Newest first. */
export interface JobPage {
  jobs: JobEntry[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** The query of a list, with its question mark; empty without one. */
export function pageQuery({ signal: _, ...filters }: ListOptions): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(filters)) if (value !== undefined) query.set(key, String(value));
  return query.size === 0 ? "" : `?${query}`;
}

/** A page from the wire. Throws `bad_answer`. */
export function readPage(answer: Answer): JobPage {
  const jobs = readObjects(answer).map((entry) => camelCase(entry) as unknown as JobEntry);
  return { jobs, nextCursor: nextCursor([answer.headers["link"] ?? []].flat().join(", ")) };
}

/** The cursor of the link to the next page. */
function nextCursor(link: string): string | null {
  for (const [, target = "", parameters = ""] of link.matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!/;\s*rel="?next"?/i.test(parameters)) continue;
    return new URLSearchParams(target.slice(target.indexOf("?") + 1)).get("cursor");
  }
  return null;
}
