import { describe, expect, test } from "vitest";
import { chosen, refused } from "./one-run.ts";

describe("runBlueprint", () => {
  const child = { blueprintName: "child", transitions: { success: "end" } };

  test("initialData is copied through JSON", () => {
    expect(chosen("runBlueprint", child)).toEqual({
      kind: "child",
      blueprintName: "child",
      initialData: {},
      transitions: { success: "end" },
    });
    expect(chosen("runBlueprint", { ...child, initialData: { a: new Date(0) } })).toMatchObject({
      initialData: { a: "1970-01-01T00:00:00.000Z" },
    });
  });

  test.each<[object, string]>([
    [{ blueprintName: undefined }, "runBlueprint.blueprintName must be a string of 1 to 128 characters, got undefined"],
    [{ initialData: 5 }, "runBlueprint.initialData must be a plain object, got 5"],
    [
      { transitions: ["end"] },
      "runBlueprint.transitions must be an object that maps statuses to states, got an array of 1",
    ],
    [{ transitions: { sucess: "end" } }, 'runBlueprint.transitions: unknown outcome "sucess", did you mean "success"?'],
    [
      { transitions: { failure: "end", cancelled: "end" } },
      'runBlueprint.transitions: unknown outcome "cancelled"; the outcomes are success and failure',
    ],
    [{ blueprint: "x" }, 'runBlueprint: unknown option "blueprint"'],
  ])("%o is refused", (part, message) => {
    expect(refused("runBlueprint", { ...child, ...part })).toContain(message);
  });
});
