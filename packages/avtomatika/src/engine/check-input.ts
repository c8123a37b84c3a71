import type { StandardSchema } from "#core/definition";
import type { Json, JsonObject } from "#core/json";
import { toJson } from "#core/to-json";

/** The data as the schema gives it, or what is wrong with it. */
export async function checkInput(
  schema: StandardSchema | undefined,
  data: JsonObject,
): Promise<{ data: JsonObject } | { issues: string[] }> {
  if (schema === undefined) return { data };
  const result = await schema["~standard"].validate(data);
  if (result.issues !== undefined) return { issues: result.issues.map(describeIssue) };
  const value: Json = toJson(result.value, "initial_data");
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { data: value };
  return { issues: ["initial_data: the schema's output is not an object"] };
}

function describeIssue(issue: { message: string; path?: readonly unknown[] | undefined }): string {
  const keys = (issue.path ?? []).map((part) =>
    typeof part === "object" && part !== null ? (part as { key: unknown }).key : part,
  );
  return `${["initial_data", ...keys.map(String)].join(".")}: ${issue.message}`;
}
