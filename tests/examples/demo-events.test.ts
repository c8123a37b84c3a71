// The demo fails if something that belongs to it didn't happen: each event is told apart from its absence.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { engineEvents, events } from "../../examples/demo/driver/events.ts";
import type { Survey } from "../../examples/demo/driver/follow.ts";
import { Runs } from "../../examples/demo/driver/runs.ts";
import { type Note, note } from "../../examples/demo/notes.ts";

let root = "";
let files = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "avtomatika-events-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const base = { job: "j", part: null, attempt: 1 };
const run = (worker: string, type: string, event: string, more: Partial<Note> = {}): Note[] => [
  { ...base, worker, type, event: "began", ...more },
  { ...base, worker, type, event, ...more },
];
const death: Note = { ...base, worker: "unreliable", type: "classify", event: "began" };
const failed = run("unreliable", "classify", "TRANSIENT_ERROR");
const retried = run("unreliable", "classify", "success", { attempt: 2 });
const measured = run("reliable", "measure", "success", { part: 0 });
const drawn = run("gpu", "draw_chart", "drawn");
const all = [death, ...failed, ...retried, ...measured, ...drawn];
const history = {
  output: "/published",
  approval: { decision: "approved", decided_by: null },
  approved_at: "2030-01-01T00:00:00.000Z",
  released_at: "2030-01-01T00:00:01.000Z",
};
const story = { notes: all, deaths: 1, quarantined: ["there is no folder"], stateHistory: history as object };

test("a whole run lacks nothing", () => {
  expect(missing({})).toEqual([]);
});

test.each<[string, Partial<typeof story>]>([
  ["retried", { notes: [death, ...failed, ...measured, ...drawn] }],
  ["died", { deaths: 0 }],
  ["inherited", { notes: [...failed, ...retried, ...measured, ...drawn] }],
  ["quarantined", { quarantined: [] }],
  ["requeued", { stateHistory: { ...history, output: undefined } }],
  ["only on a GPU", { notes: [...all, ...run("reliable", "draw_chart", "drawn")] }],
  ["only on a GPU", { notes: [death, ...failed, ...retried, ...run("reliable", "draw_chart", "drawn")] }],
  ["not at any price", { notes: [...all, ...run("gpu", "measure", "success")] }],
  ["own status", { notes: [death, ...failed, ...retried, ...run("gpu", "draw_chart", "success")] }],
  ["approved", { stateHistory: { ...history, approval: undefined } }],
  ["approved", { stateHistory: { ...history, approval: { decision: "approved", decided_by: "default" } } }],
  ["slept", { stateHistory: { ...history, released_at: "2030-01-01T00:00:00.900Z" } }],
  ["slept", { stateHistory: { ...history, approved_at: undefined } }],
])("without it, %s is missed", (name, change) => {
  expect(missing(change)).toEqual([name]);
});

test.each<[string[], Parameters<typeof engineEvents>]>([
  [[], [{ dead: 5, alive: 6, cut: 3 }, 7]],
  [["shared"], [{ dead: 0, alive: 6, cut: 3 }, 7]],
  [["shared"], [{ dead: 5, alive: 0, cut: 3 }, 7]],
  [["moved over"], [{ dead: 5, alive: 6, cut: 0 }, 7]],
  [["moved over"], [{ dead: 5, alive: 6, cut: 3 }, 6]],
])("of two engines %j is missed", (names, given) => {
  const absent = engineEvents(...given).filter(({ happened }) => !happened);
  expect(absent.map(({ name }) => name)).toEqual(names);
});

function missing(change: Partial<typeof story>): string[] {
  const { notes, stateHistory, ...rest } = { ...story, ...change };
  const file = join(root, `${files++}.jsonl`);
  writeFileSync(file, "");
  for (const line of notes) note(file, line);
  const survey = { status: "finished", stateHistory: JSON.parse(JSON.stringify(stateHistory)) } as Survey;
  return events({ ...rest, survey, runs: new Runs(file) })
    .filter(({ happened }) => !happened)
    .map(({ name }) => name);
}
