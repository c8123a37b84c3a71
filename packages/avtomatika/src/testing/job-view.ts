import type { Json, JsonObject } from "#core/json";
import type { JobStatus } from "#core/status";
import { jobView } from "#server/answer/job-view";
import type { JobDetails } from "#storage/storage";

// biome-ignore lint/suspicious/noExplicitAny: user data, typed by who knows it, as in the context of handlers
export type UserData = Record<string, any>;

type Wire = ReturnType<typeof jobView>;
type Camel<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name;
/** The names in camelCase, the values as they are; of each member of a union. */
type CamelKeys<T> = T extends object ? { [Key in keyof T as Camel<Key>]: T[Key] } : T;

/** A job, as the client SDK shows it. Times are RFC 3339 in UTC; data of users is exactly what the engine has. */
export interface JobView {
  id: string;
  jobId: string;
  blueprintName: string;
  status: JobStatus;
  currentState: string;
  initialData: UserData;
  stateHistory: UserData;
  /** Null until the job has finished; an end state may leave one of a failed job. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  result: any;
  errorMessage: string | null;
  /** What the worker of the open task last told. */
  progress: CamelKeys<Wire["progress"]>;
  /** What a job that has not ended waits for. */
  waitingFor: CamelKeys<Wire["waiting_for"]>;
  metadata: UserData | null;
  parentJobId: string | null;
  childJobIds: string[];
  /** The last of them. */
  childJobId: string | null;
  createdAt: string;
  updatedAt: string;
  endedAt: string | null;
  /** Only of a discarded job. */
  discardedAt?: string;
}

/** `isKnown`: the engine has its blueprint. What it shows is a copy. */
export function viewJob(details: JobDetails, isKnown: boolean): JobView {
  const view = camelKeys(jobView(structuredClone(details), isKnown));
  for (const key of ["progress", "waitingFor"]) if (view[key] != null) view[key] = camelKeys(view[key] as JsonObject);
  return view as unknown as JobView;
}

function camelKeys(object: object): Record<string, Json> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [camel(key), value as Json]));
}

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
