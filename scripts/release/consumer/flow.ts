// A blueprint of a user's, run by `avtomatika start`: one task, typed by its data.
import { StateMachineBlueprint } from "avtomatika";

interface Order {
  item: string;
  amount: number;
}

export const flow = new StateMachineBlueprint({ name: "order", apiVersion: "v1", apiEndpoint: "/jobs/order" });

flow.handlerFor("start", { isStart: true }, ({ initialData, actions }) => {
  const { item, amount } = initialData as unknown as Order;
  return actions.dispatchTask({
    taskType: "price",
    params: { item, amount },
    transitions: { success: "priced", failure: "failed" },
  });
});
flow.handlerFor("priced", { isEnd: true }, ({ total }) => ({ total }));
