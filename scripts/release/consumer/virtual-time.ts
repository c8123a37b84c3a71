// A test of a user's: the blueprint of `flow.ts` in virtual time.
import assert from "node:assert/strict";
import { testBlueprint } from "avtomatika/testing";
import { flow } from "./flow.ts";

const kit = await testBlueprint(flow);
kit.worker("price", ({ amount }) => ({ total: amount * 3 }));
const job = await kit.run({ item: "cup", amount: 14 });
assert.equal(job.status, "finished");
assert.deepEqual(job.result, { total: 42 });
kit.close();
console.log("ok: the flow in virtual time");
