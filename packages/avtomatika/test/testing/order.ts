import { StateMachineBlueprint } from "#core/blueprint";

/** What the world outside of the engine saw. */
export const charges = new Map<string, number>();

const invoice = new StateMachineBlueprint({ name: "invoice" }).handlerFor(
  "write",
  { isStart: true },
  ({ initialData, actions }) => actions.finish({ number: `R-${initialData["order"]}` }),
);

/** A task, an approval, a timer, a side effect, a child. `isCareful`: the side effect stands in `once`. */
export function orderFlow(isCareful = true): StateMachineBlueprint {
  return new StateMachineBlueprint({ name: "order" })
    .handlerFor("reserve", { isStart: true }, ({ initialData, actions }) =>
      actions.dispatchTask({
        taskType: "reserve",
        params: { item: initialData["item"] },
        transitions: { success: "review", failure: "failed" },
      }),
    )
    .handlerFor("review", ({ actions }) =>
      actions.awaitHumanApproval({
        integration: "mail",
        message: "Ship it?",
        transitions: { approved: "cool_off", rejected: "refused" },
      }),
    )
    .handlerFor("cool_off", ({ actions }) => actions.sleep({ seconds: 2 * 86_400 }, "charge"))
    .handlerFor("charge", async ({ once, jobId, actions }) => {
      const charge = (): number => {
        const count = (charges.get(jobId) ?? 0) + 1;
        charges.set(jobId, count);
        return count;
      };
      if (isCareful) await once("charge", charge);
      else charge();
      return actions.transitionTo("bill");
    })
    .handlerFor("bill", ({ jobId, actions }) =>
      actions.runBlueprint({
        blueprintName: "invoice",
        initialData: { order: jobId },
        transitions: { success: "done", failure: "failed" },
      }),
    )
    .handlerFor("done", { isEnd: true }, ({ stateHistory }) => ({
      invoice: stateHistory["sub_job_result"].result.number,
    }))
    .handlerFor("refused", { isEnd: true, outcome: "failure" }, () => {});
}

export const children = [invoice];
