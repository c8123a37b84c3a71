export type { Static, TSchema } from "typebox";

export {
  acceptedAnswer,
  batchAnswer,
  batchBody,
  type CreationEnvelope,
  creationBody,
  creationEnvelope,
  creationHeaders,
  isEnvelope,
  waitQuery,
} from "#client/creation";
export {
  type BlueprintsAnswer,
  blueprintParams,
  blueprintsAnswer,
  dashboard,
  graphQuery,
  workersAnswer,
} from "#client/fleet";
export { type JobEntry, jobEntry, listAnswer, listQuery, quarantineQuery } from "#client/job-list";
export {
  bearerDecisionBody,
  bearerQuery,
  cancelAnswer,
  decisionAnswer,
  decisionBody,
  discardAnswer,
  explanation,
  requeueAnswer,
  requeueBody,
} from "#client/job-orders";
export {
  type JobView,
  jobParams,
  jobView,
  narrowedView,
  viewQuery,
  type WaitingFor,
  waitingFor,
} from "#client/job-view";
export { reloadAnswer } from "#client/reload";
export { docsParams } from "#docs";
export { errorAnswer } from "#error";
export { readQuery } from "#read-query";
export { statusAnswer, unavailableAnswer } from "#status";
export { violations } from "#violations";
export { heartbeatAnswer, heartbeatBody, refreshAnswer, workerParams } from "#worker/heartbeat";
export { type Registration, registration, registrationAnswer } from "#worker/registration";
export {
  type ResultAnswer,
  type ResultBody,
  resultAnswer,
  resultBody,
  resultsAnswer,
  resultsBody,
} from "#worker/result";
export { pollQuery, type Task, task, taskParams, taskStateAnswer, tasksAnswer } from "#worker/task";
