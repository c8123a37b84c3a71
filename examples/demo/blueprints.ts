// The demo's two blueprints: `survey` measures a folder, `archive` is its child.
import { type AggregationResult, StateMachineBlueprint } from "avtomatika";

/** What both jobs are created with. Lists of files travel by the work folder, never in a job. */
interface Paths {
  /** The folder to measure. */
  folder: string;
  /** Where workers put what is too large for a result. */
  work: string;
}

interface SurveyData extends Paths {
  /** Where report and archive are published. */
  output: string;
  /** Folders of these names are left out. */
  leaveOut: string[];
}

/** Only counts and paths: this record is written again with every transition. */
interface SurveyState {
  /** From `list_files`. */
  files?: number;
  list?: Record<string, number>;
  chosen?: string;
  totals?: Record<string, number>;
  report?: string;
  archive?: string;
  /** From the child job. */
  sub_job_result?: { result: { archive_bytes: number; entries: number } };
}

/** Folders of up to so many files get a task for each, larger ones about a hundred tasks. */
const fewFiles = 200;
const batches = 100;
/** So many tasks are still open when the driver kills the engine. */
const leastHeld = 10;
/** A task may take that long: there are large files. */
const timeoutSeconds = 3600;

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

survey
  .handlerFor("listed")
  .when(`context.state_history.files > ${fewFiles}`, ({ actions }) => actions.transitionTo("measure_batches"))
  .handlerFor("listed", ({ actions }) => actions.transitionTo("measure_each"));

survey.handlerFor("measure_each", ({ initialData, stateHistory, actions }) => {
  stateHistory.chosen = "a task per file";
  return actions.dispatchParallel({
    tasks: measureTasks(initialData, stateHistory.files ?? 0, 1),
    aggregateInto: "measured",
  });
});

survey.handlerFor("measure_batches", ({ initialData, stateHistory, actions }) => {
  const files = stateHistory.files ?? 0;
  const size = Math.ceil(files / batches);
  stateHistory.chosen = `a task per ${size} files`;
  return actions.dispatchParallel({
    tasks: measureTasks(initialData, files, size),
    aggregateInto: "measured",
  });
});

survey.aggregatorFor("measured", ({ aggregationResults, stateHistory, actions }) => {
  stateHistory.totals = { ...stateHistory.list, ...sum(Object.values(aggregationResults)) };
  return actions.transitionTo("archive");
});

survey.handlerFor("archive", ({ initialData, stateHistory, actions }) => {
  const { folder, work } = initialData;
  return actions.runBlueprint({
    blueprintName: "archive",
    initialData: { folder, work, entries: stateHistory.totals?.readable ?? 0 },
    transitions: { success: "review", failure: "failed" },
  });
});

survey.handlerFor("review", ({ stateHistory, actions }) =>
  actions.awaitHumanApproval({
    integration: "demo",
    message: `Publish the report on ${stateHistory.files} files?`,
    transitions: { approved: "publish", rejected: "failed" },
  }),
);

survey.handlerFor("publish", ({ initialData, stateHistory, actions }) => {
  const { folder, work, output } = initialData;
  return actions.dispatchTask({
    taskType: "publish",
    params: { folder, work, output, totals: stateHistory.totals },
    timeoutSeconds,
    transitions: { success: "published" },
  });
});

survey.handlerFor("published", { isEnd: true }, ({ report, archive, totals, sub_job_result }) => ({
  report,
  archive,
  totals,
  archive_bytes: sub_job_result?.result.archive_bytes,
}));

export const archive = new StateMachineBlueprint<Paths & { entries: number }>({ name: "archive" });

archive.handlerFor("start", { isStart: true }, ({ initialData, actions }) =>
  actions.dispatchTask({
    taskType: "write_archive",
    params: { work: initialData.work },
    timeoutSeconds,
    transitions: { success: "compare" },
  }),
);

/** Every file that could be read must stand in the archive. */
archive.handlerFor("compare", ({ initialData, stateHistory, actions }) => {
  const { entries } = stateHistory;
  if (entries !== initialData.entries) {
    return actions.fail(`the archive has ${entries} entries, expected ${initialData.entries}`);
  }
  return actions.finish({ archive_bytes: stateHistory["archive_bytes"], entries });
});

/**
 * The tasks, each a range of the list that `list_files` wrote. The later half (at least ten) waits for the file
 * that the driver makes once it has killed the engine: so it dies amid the work, however fast the machine is.
 */
function measureTasks({ folder, work }: Paths, files: number, size: number) {
  const total = Math.ceil(files / size);
  const held = Math.max(leastHeld, Math.floor(total / 2));
  return Array.from({ length: total }, (_, at) => ({
    taskType: "measure",
    params: { folder, work, from: at * size, to: Math.min((at + 1) * size, files), hold: at >= total - held },
    timeoutSeconds,
  }));
}

function sum(results: readonly AggregationResult[]): Record<string, number> {
  const totals: Record<string, number> = {};
  const names = ["readable", "unreadable", "text", "binary", "bytes", "lines", "words", "gzip_bytes"];
  for (const name of names) totals[name] = results.reduce((total, { data }) => total + data[name], 0);
  return totals;
}
