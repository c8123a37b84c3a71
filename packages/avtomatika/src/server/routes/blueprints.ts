import { type BlueprintsAnswer, blueprintParams, graphQuery } from "@avtomatika/protocol";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { didYouMean } from "#core/nearest";
import { creationPath } from "#server/paths";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

const mediaTypes = { dot: "text/vnd.graphviz; charset=utf-8", svg: "image/svg+xml; charset=utf-8" };

/** The registered blueprints and their graphs. */
export function blueprintRoutes(scope: Scope, { orchestrator, config, drawGraph }: Serving): void {
  scope.get(
    "/blueprints",
    async (): Promise<BlueprintsAnswer> =>
      orchestrator.blueprints().map((blueprint) => {
        const path = creationPath(blueprint);
        return {
          name: blueprint.name,
          api_version: blueprint.apiVersion,
          api_endpoint: blueprint.apiEndpoint === null ? null : `/${blueprint.apiEndpoint}`,
          path: path === null ? null : `/${config.clientApiPrefix}${path}`,
          states: [...blueprint.states.keys()],
        };
      }),
  );

  const schema = { params: blueprintParams, querystring: graphQuery };
  scope.get("/blueprints/:name/graph", { schema }, async ({ params, query }, reply) => {
    const { name } = params;
    if (orchestrator.blueprint(name) === undefined) {
      const hint = didYouMean(
        name,
        orchestrator.blueprints().map((each) => each.name),
      );
      throw new AvtomatikaError("not_found", `there is no blueprint ${quote(name)}${hint}`);
    }
    const { format = "dot" } = query;
    const graph = await drawGraph(name, format);
    return reply.type(mediaTypes[format]).send(graph);
  });
}
