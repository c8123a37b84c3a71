import type { Config } from "#config/config";
import type { Logger } from "#core/logger";
import type { Orchestrator } from "#engine/orchestrator";
import type { Access } from "#server/access/access";
import type { HoldBack } from "#server/hold-back";
import type { EngineRoute } from "#server/openapi/route";
import type { Limiter } from "#server/rate-limits";
import type { Traffic } from "#server/traffic";

/** Draws the graph of a blueprint. */
export type DrawGraph = (blueprint: string, format: "dot" | "svg") => Promise<string>;

/** What the routes serve with. */
export interface Serving {
  access: Access;
  orchestrator: Orchestrator;
  limiter: Limiter;
  config: Config;
  logger: Logger;
  drawGraph: DrawGraph;
  traffic: Traffic;
  holdBack: HoldBack;
  /** All routes of the engine, once the app is ready. */
  routes: readonly EngineRoute[];
}
