// The main job: measures a folder, draws and packs what it found, and publishes it once a person agrees.
import { type AggregationResult, StateMachineBlueprint } from "avtomatika";
import { measureTasks, timeoutSeconds } from "./measure-tasks.ts";

export interface SurveyData {
  /** The folder to measure. */
  folder: string;
  /** Where workers put what is too large for a result: lists of files never travel in a job. */
  work: string;
  /** Where everything is published. */
  output: string;
  /** Folders of these names are left out. */
  leaveOut: string[];
}

/** Only counts and paths: this record is written again with every transition. */
export interface SurveyState {
  /** From `list_files`. */
  files?: number;
  list?: Record<string, number>;
  chosen?: string;
  totals?: Record<string, number>;
  /** From `classify`: how many files of which size. */
  classes?: Record<string, number>;
  /** From the child job; there is none if there is nothing to pack. */
  sub_job_result?: { result: { archive_bytes: number } };
  approval?: { decision: string; comment: string | null; decided_by: string | null };
  approved_at?: string;
  released_at?: string;
  /** Where an operator said it has to be published instead. */
  output?: string;
  /** From `publish`. */
  published?: Record<string, string>;
}

export interface SurveyResult {
  published: Record<string, string>;
  totals: Record<string, number>;
  archive_bytes: number;
}

/** Folders of up to so many files get a task for each, larger ones about a hundred tasks. */
const fewFiles = 200;
const batches = 100;
/** From the approval to the publication. */
const embargoSeconds = 1;

export const survey = new StateMachineBlueprint<SurveyData, SurveyState>({
  name: "survey",
  apiVersion: "v1",
  apiEndpoint: "/jobs/survey",
});

survey.handlerFor("start", { isStart: true }, ({ initialData, actions }) => {
  const { folder, work, leaveOut } = initialData;
  return actions.dispatchTask({
    taskType: "list_files",
    params: { folder, work, leaveOut },
    timeoutSeconds,
    transitions: { success: "listed" },
  });
});

// Two ways to measure, chosen by a condition.
survey
  .handlerFor("listed")
  .when(`context.state_history.files > ${fewFiles}`, ({ actions }) => actions.transitionTo("measure_batches"))
  .handlerFor("listed", ({ actions }) => actions.transitionTo("measure_each"));

survey.handlerFor("measure_each", ({ initialData: { folder, work }, stateHistory, actions }) => {
  stateHistory.chosen = "a task per file";
  const tasks = measureTasks({ folder, work }, stateHistory.files ?? 0, 1);
  return actions.dispatchParallel({ tasks, aggregateInto: "measured" });
});

survey.handlerFor("measure_batches", ({ initialData: { folder, work }, stateHistory, actions }) => {
  const files = stateHistory.files ?? 0;
  const size = Math.ceil(files / batches);
  stateHistory.chosen = `a task per ${size} files`;
  return actions.dispatchParallel({ tasks: measureTasks({ folder, work }, files, size), aggregateInto: "measured" });
});

survey.aggregatorFor("measured", ({ aggregationResults, stateHistory, actions }) => {
  stateHistory.totals = { ...stateHistory.list, ...sum(Object.values(aggregationResults)) };
  return actions.transitionTo("classify");
});

// Only the unreliable worker can do this. What fails is tried again, with a pause.
survey.handlerFor("classify", ({ initialData, actions }) =>
  actions.dispatchTask({
    taskType: "classify",
    params: { work: initialData.work },
    retry: { maxRetries: 5, delaySeconds: 0.2 },
    timeoutSeconds,
    transitions: { success: "draw" },
  }),
);

// Two workers can draw, but only one has what it takes. Its answer is no success or failure, but what it drew.
survey.handlerFor("draw", ({ initialData, stateHistory, actions }) =>
  actions.dispatchTask({
    taskType: "draw_chart",
    params: { work: initialData.work, classes: stateHistory.classes },
    resourceRequirements: { gpuInfo: { model: "A100", vramGb: 40 } },
    timeoutSeconds,
    transitions: { drawn: "pack", blank: "review" },
  }),
);

survey.handlerFor("pack", ({ initialData, stateHistory, actions }) =>
  actions.runBlueprint({
    blueprintName: "archive",
    initialData: { work: initialData.work, entries: stateHistory.totals?.readable },
    transitions: { success: "review", failure: "failed" },
  }),
);

survey.handlerFor("review", ({ stateHistory, actions }) =>
  actions.awaitHumanApproval({
    integration: "demo",
    message: `Publish the report on ${stateHistory.files} files?`,
    transitions: { approved: "embargo", rejected: "failed" },
  }),
);

survey.handlerFor("embargo", ({ stateHistory, now, actions }) => {
  stateHistory.approved_at = now().toISOString();
  return actions.sleep({ seconds: embargoSeconds }, "publish");
});

// `output` is looked up in `stateHistory` first: an operator may put another one there.
survey.handlerFor("publish", ({ initialData, stateHistory, output, now, actions }) => {
  const { folder, work } = initialData;
  const { totals, classes } = stateHistory;
  stateHistory.released_at ??= now().toISOString();
  return actions.dispatchTask({
    taskType: "publish",
    params: { folder, work, output, totals, classes },
    timeoutSeconds,
    transitions: { success: "published" },
  });
});

survey.handlerFor("published", { isEnd: true }, ({ published, totals, sub_job_result }) => ({
  published,
  totals,
  archive_bytes: sub_job_result?.result.archive_bytes ?? 0,
}));

function sum(results: readonly AggregationResult[]): Record<string, number> {
  const totals: Record<string, number> = {};
  const names = ["readable", "unreadable", "text", "binary", "bytes", "lines", "words", "gzip_bytes"];
  for (const name of names) totals[name] = results.reduce((total, { data }) => total + data[name], 0);
  return totals;
}
