import { type Config, loadConfig, MemoryStorage, OrchestratorEngine, StateMachineBlueprint } from "avtomatika";
import { variables } from "avtomatika/internal/config/variables";

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

export interface Answer {
  $ref?: string;
  description?: string;
  headers?: Record<string, { description: string }>;
  content?: Record<string, { schema?: Schema }>;
}

export interface Operation {
  tags: string[];
  summary: string;
  description?: string;
  parameters?: { name: string; in: string; description?: string; required: boolean; schema: Schema }[];
  requestBody?: { description: string; content: { "application/json": { schema: Schema } } };
  responses: Record<string, Answer>;
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Answer> };
}

/** What the blueprint of the reference is called, and where its jobs are created. */
export const sample = { name: "sample", path: "/api/v1/sample" };

/** The document of an engine with the default configuration and one blueprint. */
export async function readDocument(): Promise<Document> {
  const flow = new StateMachineBlueprint({ name: sample.name, apiVersion: "v1", apiEndpoint: "/sample" });
  flow.handlerFor("start", { isStart: true, isEnd: true }, () => {});
  const config = loadConfig({ ...defaults(), apiHost: "127.0.0.1", apiPort: 0, logLevel: "silent" });
  const engine = new OrchestratorEngine({ storage: new MemoryStorage(), config });
  engine.registerBlueprint(flow);
  await engine.start();
  try {
    const response = await fetch(`${engine.address}/_public/openapi.json`);
    return (await response.json()) as Document;
  } finally {
    await engine.stop();
  }
}

/** Whatever the environment says, the reference tells these. */
function defaults(): Config {
  return Object.fromEntries(
    Object.entries(variables).map(([key, { fallback }]) => [key, fallback]),
  ) as unknown as Config;
}
