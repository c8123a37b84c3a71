import { describe, expect, test } from "vitest";
import { chosen, refused } from "./one-run.ts";

const approval = { integration: "slack", message: "ok?", transitions: { yes: "end" } };

describe("awaitHumanApproval", () => {
  test("without a timeout", () => {
    expect(chosen("awaitHumanApproval", approval)).toEqual({
      kind: "approval",
      integration: "slack",
      message: "ok?",
      transitions: { yes: "end" },
      timeoutMs: null,
      timeoutState: null,
    });
  });

  test("with one", () => {
    const options = { ...approval, timeoutSeconds: 60, timeoutState: "failed" };
    expect(chosen("awaitHumanApproval", options)).toMatchObject({ timeoutMs: 60_000, timeoutState: "failed" });
    expect(chosen("awaitHumanApproval", { ...approval, timeoutSeconds: 60 })).toMatchObject({ timeoutState: null });
  });

  test.each<[object, string]>([
    [{ integration: "" }, 'awaitHumanApproval.integration must be a string of 1 to 128 characters, got ""'],
    [{ message: undefined }, "awaitHumanApproval.message must be a string, got undefined"],
    [{ transitions: {} }, "awaitHumanApproval.transitions must have at least one decision"],
    [{ timeoutState: "end" }, "awaitHumanApproval.timeoutState needs timeoutSeconds beside it"],
    [{ timeoutState: "edn", timeoutSeconds: 1 }, 'awaitHumanApproval.timeoutState names the unknown state "edn"'],
    [{ timeout: 5 }, 'awaitHumanApproval: unknown option "timeout"'],
  ])("%o is refused", (part, message) => {
    expect(refused("awaitHumanApproval", { ...approval, ...part })).toContain(message);
  });
});
