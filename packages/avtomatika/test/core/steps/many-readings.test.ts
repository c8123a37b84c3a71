import { expect, test } from "vitest";
import { readTransitions } from "#core/read-transitions";

test("handlers without end, as a factory makes them, are each read right: nothing is remembered for ever", () => {
  for (let number = 0; number < 1200; number++) {
    // A text of its own: closures of one text would be one reading.
    const make = new Function(
      `return ({ actions }) => actions.transitionTo("state-${number}");`,
    ) as () => () => unknown;
    expect([...readTransitions(make()).edges].map((edge) => edge.to)).toEqual([`state-${number}`]);
  }
});
