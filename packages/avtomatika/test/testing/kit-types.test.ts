import { expect, test } from "vitest";
import { StateMachineBlueprint } from "#core/blueprint";
import { simulate, testBlueprint } from "#testing";

// The compiler is what tests here (`npm run check`, step "type tests"): every @ts-expect-error must be one, and its
// message must have the quoted word. Nothing of it is called.

test("misspelled options of the test kit don't compile", () => {
  const check = async (flow: StateMachineBlueprint) => {
    // @ts-expect-error: "seeds" is simulate's option
    const kit = await testBlueprint(flow, { seeds: 1 });
    // @ts-expect-error: "jobMaxRetry" is no setting
    await testBlueprint(flow, { settings: { jobMaxRetry: 1 } });
    // @ts-expect-error: "expects" is no option
    await simulate(flow, { expects: () => {} });
    // @ts-expect-error: "maxConcurrent" is no option
    kit.worker("t", { maxConcurrent: 1 }, () => ({}));
    // @ts-expect-error: "day" is no unit
    await kit.advance({ day: 1 });
    // @ts-expect-error: "coment" is no option
    await kit.approve("x", "yes", { coment: "x" });
    // @ts-expect-error: "stat" is no option
    await kit.requeue("x", { stat: "x" });
    const job = await kit.run();
    // @ts-expect-error: "finishd" is no status
    if (job.status === "finishd") return;
    // @ts-expect-error: "humn" is no kind of wait
    if (job.waitingFor?.kind === "humn") return;
  };
  expect(check).toBeTypeOf("function");
  expect(StateMachineBlueprint).toBeTypeOf("function");
});
