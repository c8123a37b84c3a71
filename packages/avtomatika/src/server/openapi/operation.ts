import type { TSchema } from "@avtomatika/protocol";
import type { ErrorCode } from "#core/errors";

/** A group of the reference; its name is the tag. */
export type Tag = "Public" | "Jobs" | "Quarantine" | "Blueprints" | "Fleet" | "Workers" | "Tasks";

/** What a route's own schemas don't say about it. */
export interface Operation {
  /** Its `operationId`; of other versions than `v1` the version is appended. */
  id: string;
  summary: string;
  /** Markdown. */
  description?: string;
  /** Headers that it reads, tokens aside: an object of them. */
  headers?: TSchema;
  /** By status. */
  answers: Readonly<Record<number, Answer>>;
  /** Errors beyond those that every route of its kind has (`errors.ts`). */
  codes?: readonly ErrorCode[];
  /** It never asks the store. */
  storeless?: true;
}

/** One of the engine's own groups. */
export interface GroupedOperation extends Operation {
  tag: Tag;
}

export interface Answer {
  description: string;
  /** JSON, unless `types` names others. Without a schema there is no body, or a text. */
  schema?: TSchema;
  /** Media types of a text. */
  types?: readonly string[];
  headers?: Readonly<Record<string, string>>;
}
