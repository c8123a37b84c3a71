import { expect, test } from "vitest";
import { readWorkers } from "#config/read-workers";
import { hashToken } from "#config/token-hash";

const options = { file: "workers.toml", taken: new Map([[hashToken("shared"), "that of GLOBAL_WORKER_TOKEN"]]) };

test("a section is a worker with a token of its own", () => {
  const text = '[gpu-01]\ntoken = "a"\ndescription = "in the cellar"\n["gpu.02"]\ntoken = "b"';
  expect(readWorkers(text, options)).toEqual({
    entries: [
      { id: "gpu-01", hash: hashToken("a") },
      { id: "gpu.02", hash: hashToken("b") },
    ],
    warnings: [],
  });
});

test.each<[string, string[]]>([
  ["[w]\ntokn = 'a'", ['[w] tokn: there is no such key, did you mean "token"?', "[w] token: expected a text of"]],
  ["[w]\ntoken = 'a'\nadmin = true", ["[w] admin: there is no such key; the keys are token and description"]],
  ["[w]\ntoken = 'a'\ndescription = 5", ["[w] description: expected a text, got 5"]],
  ["[w]\ntoken = 'shared'", ["[w] token: expected one of its own, got that of GLOBAL_WORKER_TOKEN"]],
  ["[w]\ntoken = 'a'\n[v]\ntoken = 'a'", ["[v] token: expected one of its own, got that of [w]"]],
  ["[gpu.a]\ntoken = 'a'", ["[gpu] a: there is no such key", "[gpu] token: expected"]],
  ["['$w']\ntoken = 'a'", ['["$w"]: expected a name of 1 to 128 characters']],
  [`[${"w".repeat(129)}]\ntoken = 'a'`, ['["www']],
])("a wrong file is refused: %j", (text, faults) => {
  let details: readonly string[] = [];
  try {
    readWorkers(text, options);
  } catch (error) {
    details = (error as { details: string[] }).details;
  }
  expect(details).toEqual(faults.map((fault) => expect.stringContaining(`workers.toml: ${fault}`)));
});

test("default and system are workers like any other", () => {
  expect(readWorkers("[default]\ntoken = 'a'\n[system]\ntoken = 'b'", options).entries).toHaveLength(2);
});
