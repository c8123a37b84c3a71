// Holds answers against the OpenAPI document of the engine that gave them.
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

/** The keywords that our documents use. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  required?: string[];
  allOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

export interface Operation {
  security?: Record<string, unknown>[];
  parameters?: { name: string; in: "path" | "query" | "header"; schema: JsonSchema }[];
  requestBody?: { content: { "application/json": { schema: JsonSchema } }; "x-max-bytes": number };
  responses: Record<string, object>;
}

/** What of a document is read here. */
export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, { name?: string }> };
}

/** What came back. */
export interface Told {
  status: number;
  contentType: string;
  text: string;
  /** To a `HEAD`: there is no body to look at. */
  headersOnly?: boolean;
}

/** The groups of routes that the document has to describe: whatever else is there a program added. */
const engines = /^\/(_public|_worker|api)(\/|$)/;
/** What can be answered before a route is found. */
const withoutRoute = [400, 401, 404, 405, 414, 429, 431, 500];
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Schemas are compiled once for all engines that have the same document. */
const contracts = new Map<string, Contract>();

/** The contract that a document, as JSON, is. */
export function contractOf(json: string): Contract {
  const contract = contracts.get(json) ?? new Contract(JSON.parse(json));
  contracts.set(json, contract);
  return contract;
}

export class Contract {
  readonly document: Document;
  readonly #ajv = new Ajv2020({ strict: false, formats: { "date-time": instant }, validateFormats: true });
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #patterns: [RegExp, string][];

  constructor(document: Document) {
    this.document = document;
    this.#ajv.addSchema(document, "openapi");
    // Those without parameters come first, as they do in the router.
    const paths = Object.keys(document.paths).sort((a, b) => a.split("{").length - b.split("{").length);
    this.#patterns = paths.map((path) => [patternOf(path), path]);
  }

  /** The document's path for one that was asked for; undefined if it has none. */
  pathOf(asked: string): string | undefined {
    return this.#patterns.find(([pattern]) => pattern.test(asked.split("?", 1)[0] as string))?.[1];
  }

  /** What is wrong with the answer to a request; null if it is as the document says. */
  faultOf(method: string, asked: string, told: Told): string | null {
    const path = this.pathOf(asked);
    const verb = method === "HEAD" ? "get" : method.toLowerCase();
    if (path === undefined || this.document.paths[path]?.[verb] === undefined) {
      if (!engines.test(asked)) return null;
      return withoutRoute.includes(told.status)
        ? this.errorFault(told)
        : `the document has no ${method} ${asked}, which was answered ${told.status}`;
    }
    return this.answerFault(verb, path, told);
  }

  /** The same for a path of the document. */
  answerFault(verb: string, path: string, told: Told): string | null {
    const { status, contentType, text, headersOnly = false } = told;
    const about = `${verb.toUpperCase()} ${path} answered ${status}`;
    const responses = this.document.paths[path]?.[verb]?.responses ?? {};
    const pointer = ["paths", path, verb, "responses", String(status)];
    if (responses[status] === undefined) return `${about}, which the document doesn't have`;
    const reference = (responses[status] as { $ref?: string }).$ref;
    const where = reference === undefined ? pointer : reference.slice(2).split("/");
    const { content = {} } = this.#at(where) as { content?: Record<string, { schema?: object }> };
    const type = contentType.split(";", 1)[0] as string;
    const types = Object.keys(content);
    if (types.length === 0) return text === "" ? null : `${about} with a body, which the document doesn't have`;
    if (!types.includes(type)) return `${about} with type "${type}", expected ${types.join(" or ")}`;
    if (headersOnly || content[type]?.schema === undefined) return null;
    const found = this.violations([...where, "content", type, "schema"], JSON.parse(text));
    return found === null ? null : `${about}: ${found}: ${text.slice(0, 500)}`;
  }

  /** What is wrong with an error that no route gave. */
  errorFault({ contentType, text, headersOnly = false }: Told): string | null {
    if (!contentType.startsWith("application/json")) return `the error has type "${contentType}"`;
    if (headersOnly) return null;
    return this.violations(["components", "schemas", "Error"], JSON.parse(text));
  }

  /** How a value violates the schema at a place of the document; null if it doesn't. */
  violations(place: readonly string[], value: unknown): string | null {
    const validate = this.#validatorAt(place);
    if (validate(value)) return null;
    return this.#ajv.errorsText(validate.errors, { dataVar: "it" });
  }

  #at(place: readonly string[]): unknown {
    return place.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], this.document);
  }

  #validatorAt(place: readonly string[]): ValidateFunction {
    const pointer = place.map((key) => encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
    const known = this.#validators.get(pointer);
    if (known !== undefined) return known;
    const made = this.#ajv.compile({ $ref: `openapi#/${pointer}` });
    this.#validators.set(pointer, made);
    return made;
  }
}

function patternOf(path: string): RegExp {
  const source = path.replaceAll(/[.+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${source}$`);
}
