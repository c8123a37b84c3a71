import { formOf, inWords } from "./form.ts";
import { type Answer, type Document, type Operation, type Schema, sample } from "./read-document.ts";

/** Parts of how others are written, and what has a file of its own. */
const untold = [...Object.keys(inWords), "InitialData", "Error"];

/** The reference: the template, with the routes of each group and the named objects in their places. */
export function renderHttp(template: string, document: Document): string {
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ route: routeOf(method, path), operation })),
  );
  return template
    .replaceAll(/<!-- routes: (\w+) -->/g, (_all, group: string) => {
      const tag = group === "creations" ? sample.name : group;
      const own = routes.filter(({ operation }) => operation.tags.includes(tag));
      if (own.length === 0) throw new Error(`the template names routes that there aren't: ${group}`);
      return own.map(({ route, operation }) => renderRoute(route, operation, document)).join("\n\n");
    })
    .replace("<!-- objects -->", () =>
      Object.entries(document.components.schemas)
        .filter(([name]) => !untold.includes(name))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, schema]) => renderObject(name, schema))
        .join("\n\n"),
    );
}

/** As the engine lists it. */
function routeOf(method: string, path: string): string {
  const told = path.replace(sample.path, "/api/v1/{endpoint}").replaceAll(/\{(\w+_?id|name|file)\}/g, ":$1");
  return `${method.toUpperCase()} ${told}`;
}

function renderRoute(route: string, operation: Operation, document: Document): string {
  const { summary, description, parameters = [], requestBody } = operation;
  const words = [summary, description].filter((each) => each !== undefined);
  const inputs = parameters.map(
    ({ name, in: place, required, schema, description: what = "" }) =>
      `| \`${name}\`${required && place !== "path" ? ", needed" : ""} | ${place} | ${cell(formOf(schema, false))} | ${cell(what)} |`,
  );
  const body = requestBody?.content["application/json"].schema;
  return [
    `### \`${route}\``,
    words.map((each) => (/[.?!]$/.test(each) ? each : `${each}.`)).join(" "),
    ...(inputs.length > 0 ? [["| parameter | in | form | |", "|---|---|---|---|", ...inputs].join("\n")] : []),
    ...(body === undefined ? [] : [renderBody(body, requestBody?.description ?? "")]),
    renderAnswers(operation, document),
  ].join("\n\n");
}

/** The fields of a body; of one that is a named object, a link to it. */
function renderBody(schema: Schema, bound: string): string {
  const fields = renderFields(schema, false);
  if (fields === undefined) return `Body: ${formOf(schema, false)}. ${bound}`;
  const isOptional = Array.isArray(schema.type) && schema.type.includes("null");
  return `Body${isOptional ? ", which may be missing" : ""}. ${bound}\n\n${fields}`;
}

function renderFields({ properties, required = [] }: Schema, isAnswer: boolean): string | undefined {
  if (properties === undefined) return undefined;
  const rows = Object.entries(properties).map(([key, property]) => {
    const needed = !isAnswer && required.includes(key) ? ", needed" : "";
    const missing = isAnswer && !required.includes(key) ? ", may be missing" : "";
    const form = formOf(property, isAnswer);
    return `| \`${key}\`${needed}${missing} | ${cell(form)} | ${cell(property.description ?? "")} |`;
  });
  return ["| field | form | |", "|---|---|---|", ...rows].join("\n");
}

function renderAnswers({ responses }: Operation, document: Document): string {
  const told = Object.entries(responses).map(([status, answer]) => ({ status, answer: resolve(answer, document) }));
  const good = told.filter(({ answer }) => codesOf(answer).length === 0);
  const bad = told.filter(({ answer }) => codesOf(answer).length > 0);
  const rows = good.map(
    ({ status, answer }) => `| \`${status}\` | ${cell(contentOf(answer))} | ${cell(wordsOf(answer))} |`,
  );
  const errors = bad.map(
    ({ status, answer }) =>
      `\`${status}\` ${codesOf(answer)
        .map((code) => `\`${code}\``)
        .join(", ")}`,
  );
  const table = ["| answer | form | |", "|---|---|---|", ...rows].join("\n");
  return errors.length === 0 ? table : `${table}\n\nErrors: ${errors.join(" · ")}`;
}

function contentOf({ content = {} }: Answer): string {
  const [type = "", { schema = undefined } = {}] = Object.entries(content)[0] ?? [];
  if (schema !== undefined) return formOf(schema, true);
  return type === ""
    ? "no body"
    : Object.keys(content)
        .map((each) => `\`${each}\``)
        .join(", ");
}

function wordsOf({ description = "", headers = {} }: Answer): string {
  const named = Object.entries(headers).map(([name, { description: what }]) => ` \`${name}\`: ${what}`);
  return description + named.join("");
}

function codesOf({ content }: Answer): string[] {
  const words = content?.["application/json"]?.schema?.properties?.["code"]?.enum;
  return (words ?? []) as string[];
}

function resolve(answer: Answer, { components }: Document): Answer {
  if (answer.$ref === undefined) return answer;
  return components.responses[answer.$ref.slice(answer.$ref.lastIndexOf("/") + 1)] ?? answer;
}

/** An object's fields, or those of each of its alternatives. */
function renderObject(name: string, schema: Schema): string {
  const isAnswer = !["CreationEnvelope", "Result"].includes(name);
  const words = schema.description === undefined ? [] : [schema.description];
  const kinds = (schema.anyOf ?? []).filter(({ properties }) => properties?.["kind"] !== undefined);
  const parts = (schema.anyOf ?? [schema]).map((each) => renderFields(each, isAnswer) ?? `${formOf(each, isAnswer)}.`);
  return [`### ${name}`, ...words, kinds.length > 0 ? renderKinds(kinds) : parts.join("\n\nor\n\n")].join("\n\n");
}

/** Alternatives that differ by their `kind`: what all of them have, and what each has beside it. */
function renderKinds(kinds: readonly Schema[]): string {
  const fields = kinds.map(({ properties = {} }) => properties);
  const common = Object.entries(fields[0] ?? {}).filter(
    ([key]) => key !== "kind" && fields.every((each) => Object.hasOwn(each, key)),
  );
  const shared = Object.fromEntries(common);
  const rows = fields.map(({ kind = {}, ...rest }) => {
    const own = Object.entries(rest).filter(([key]) => !Object.hasOwn(shared, key));
    const told = own.map(([key, { description, ...field }]) => {
      const form = field.type === "string" && field.enum === undefined ? "" : `: ${formOf(field, true)}`;
      return `\`${key}\`${form}${description === undefined ? "" : ` (${description.replace(/\.$/, "")})`}`;
    });
    return `| ${formOf(kind, true)} | ${cell(kind.description ?? "")} | ${cell(told.join("; "))} |`;
  });
  const table = renderFields({ properties: shared, required: Object.keys(shared) }, true);
  return [table, ["| `kind` | | fields of its own |", "|---|---|---|", ...rows].join("\n")].join("\n\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
