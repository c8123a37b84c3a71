import { AvtomatikaError } from "#http/errors";
import type { JobView } from "#jobs/job-view";

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type Verdict<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

/** Any Standard Schema: of Zod, Valibot, ArkType … */
export interface StandardSchema<Output> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Verdict<Output> | Promise<Verdict<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/**
 * The view with the schema's output as its result, if the job has finished.
 * @throws AvtomatikaError `invalid_result` with all that is wrong
 */
export async function checkResult<Input extends object, Result>(
  view: JobView<Input, Result>,
  schema: StandardSchema<Result> | undefined,
): Promise<JobView<Input, Result>> {
  if (schema === undefined || view.status !== "finished") return view;
  const verdict = await schema["~standard"].validate(view.result);
  if (verdict.issues === undefined) return { ...view, result: verdict.value };
  const details = verdict.issues.map(({ message, path = [] }) => [place(path), message].join(": "));
  throw new AvtomatikaError(`job ${view.jobId}: ${details[0] ?? "its result violates the schema"}`, {
    code: "invalid_result",
    details,
  });
}

function place(path: NonNullable<Issue["path"]>): string {
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  return ["result", ...keys].join(".");
}
