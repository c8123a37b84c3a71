import { refuseUnknown } from "#core/refuse-unknown";
import { TestKit } from "#testing/kit";
import { configOf, defineAll, type KitSettings, type TestedBlueprint, wrong } from "#testing/kit-options";
import { rest } from "#testing/rest";
import { noFaults } from "#testing/simulated-store";
import { Stage } from "#testing/stage";

export interface TestBlueprintOptions {
  /** Further blueprints: the children. */
  blueprints?: readonly TestedBlueprint[] | undefined;
  /** Settings of the engine by the keys of `loadConfig`, `{ jobMaxRetries: 0 }` say; the environment is not read. */
  settings?: KitSettings | undefined;
  /** Of everything random: ids, jitter. Default 1. */
  seed?: number | undefined;
  /** When virtual time begins. Default: the beginning of 2030 in UTC. */
  startAt?: Date | string | undefined;
  /**
   * For how many milliseconds of real time a function of the blueprint, or a worker, may hold virtual time up; then
   * it goes on without it. Default 2,000.
   */
  patienceMs?: number | undefined;
}

const known = ["blueprints", "settings", "seed", "startAt", "patienceMs"];
const defaultStart = Date.UTC(2030, 0, 1);

/**
 * Runs a blueprint in this process, in virtual time, without ports: the engine is the real one, over a store in memory.
 * @throws AvtomatikaError `invalid_blueprint`, `invalid_argument`, `invalid_config`
 */
export async function testBlueprint(flow: TestedBlueprint, options: TestBlueprintOptions = {}): Promise<TestKit> {
  refuseUnknown("testBlueprint", options, known);
  const { blueprints = [], settings = {}, seed = 1, startAt = defaultStart, patienceMs = 2000 } = options;
  const start = new Date(startAt).getTime();
  if (Number.isNaN(start)) throw wrong("startAt: expected a Date or an RFC 3339 text");
  const stage = new Stage({
    blueprints: defineAll(flow, blueprints),
    config: configOf(settings),
    seed,
    startAt: start,
    patienceMs,
    rates: noFaults,
    pace: 0,
    faults: { add: () => {} },
  });
  await rest(stage);
  return new TestKit(stage, flow.name);
}
