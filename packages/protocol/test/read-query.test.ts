import { expect, test } from "vitest";
import { listQuery, readQuery, violations, waitQuery } from "#index";

test("numbers are read where the schema expects them, unknown keys are left out", () => {
  expect(readQuery(listQuery, { limit: "5", status: "failed", x: "1" })).toEqual({ limit: 5, status: "failed" });
  expect(readQuery(waitQuery, { wait: "0.5" })).toEqual({ wait: 0.5 });
});

test.each(["", " 5", "5s", "0x10", "1e3", "NaN", "--5", "٣"])("%j is no number", (text) => {
  const [message] = violations(listQuery, readQuery(listQuery, { limit: text }));
  expect(message).toBe(`limit: expected a whole number from 1 to 1000, got a string (${JSON.stringify(text)})`);
});

test("a doubled key is no number", () => {
  const query = readQuery(listQuery, { limit: ["1", "2"] });
  expect(violations(listQuery, query)).toEqual(["limit: expected a whole number from 1 to 1000, got an array of 2"]);
});
