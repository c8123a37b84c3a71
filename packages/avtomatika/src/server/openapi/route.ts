import type { TSchema } from "@avtomatika/protocol";

/** A route of the engine, as the app has it. */
export interface EngineRoute {
  method: string;
  /** With its prefix; `:name` is a parameter. */
  path: string;
  schema: { params?: TSchema; querystring?: TSchema; body?: TSchema };
  /** Bytes. */
  bodyLimit: number;
}
