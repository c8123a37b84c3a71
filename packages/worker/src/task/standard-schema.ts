import { InvalidInputError } from "#task/errors";

/** The part of Standard Schema (https://standardschema.dev, version 1) that is used here: Zod, Valibot, ArkType … */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

/** The params as the schema gives them. Throws `InvalidInputError` with every issue; what the schema throws passes through. */
export async function checkParams(schema: StandardSchema, params: unknown): Promise<unknown> {
  const result = await schema["~standard"].validate(params);
  if (result.issues === undefined) return result.value;
  throw new InvalidInputError(result.issues.map(describeIssue).join("; "));
}

export function isSchema(value: unknown): value is StandardSchema {
  const isHolder = (typeof value === "object" && value !== null) || typeof value === "function";
  return isHolder && typeof (value as Partial<StandardSchema>)["~standard"]?.validate === "function";
}

function describeIssue({ message, path = [] }: Issue): string {
  const keys = path.map((part) => (typeof part === "object" && part !== null ? (part as { key: unknown }).key : part));
  return `${["params", ...keys.map(String)].join(".")}: ${message}`;
}
