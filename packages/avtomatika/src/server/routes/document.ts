import { readFile } from "node:fs/promises";
import { docsParams } from "@avtomatika/protocol";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { page, pageFiles, pagePolicy, readPageFile } from "#server/docs-page";
import type { Scope } from "#server/scope";
import type { Serving } from "#server/serving";

/** The OpenAPI document, and the page that shows it. Whoever never asks for them loads nothing of either. */
export function documentRoutes(scope: Scope, serving: Serving): void {
  let document: Promise<string> | undefined;
  scope.get("/openapi.json", async (_request, reply) => {
    document ??= writeDocument(serving);
    return reply.type("application/json; charset=utf-8").send(await document);
  });

  scope.get("/docs", async (_request, reply) =>
    reply.header("content-security-policy", pagePolicy).type("text/html; charset=utf-8").send(page),
  );

  scope.get("/docs/:file", { schema: { params: docsParams } }, async ({ params }, reply) => {
    const file = await readPageFile(params.file);
    if (file === null) {
      const expected = pageFiles.map(quote).join(", ");
      throw new AvtomatikaError("not_found", `the page has the files ${expected}, got ${quote(params.file)}`);
    }
    reply.headers({ "cache-control": "public, max-age=3600", "x-content-type-options": "nosniff" });
    return reply.type(file.type).send(file.content);
  });
}

async function writeDocument({ routes, orchestrator, config }: Serving): Promise<string> {
  const { openapiDocument } = await import("#server/openapi/document");
  const manifest = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  return JSON.stringify(openapiDocument({ routes, blueprints: orchestrator.blueprints(), config, version }));
}
