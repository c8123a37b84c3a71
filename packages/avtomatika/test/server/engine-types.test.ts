import { expect, test } from "vitest";
import { loadConfig, MemoryStorage, OrchestratorEngine, SqliteStorage } from "#index";

// The compiler is what tests here (`npm run check`, step "type tests"): every @ts-expect-error must be one, and its
// message must have the quoted word. Nothing of it is called.

test("misspelled settings and options of the engine don't compile", () => {
  const check = async (engine: OrchestratorEngine) => {
    // @ts-expect-error: "apiPrt" is no key
    loadConfig({ apiPrt: 1 });
    // @ts-expect-error: a "string" is no port
    loadConfig({ apiPort: "1" });
    // @ts-expect-error: "loud" is no level
    loadConfig({ logLevel: "loud" });
    // @ts-expect-error: "storag" is no option
    new OrchestratorEngine({ storag: new MemoryStorage() });
    // @ts-expect-error: a part of a "Config" is none: loadConfig makes it whole
    new OrchestratorEngine({ config: { apiPort: 1 } });
    // @ts-expect-error: "idempotencykey" is no option
    await engine.createJob("x", {}, { idempotencykey: "k" });
    // @ts-expect-error: data is an "object"
    await engine.createJob("x", "data");
    // @ts-expect-error: "shard" is no option
    new MemoryStorage({ shard: 1 });
    // @ts-expect-error: "OFF" is too little
    new SqliteStorage("x", { synchronous: "OFF" });
  };
  expect(check).toBeTypeOf("function");
});
