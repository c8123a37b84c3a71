import { readFile } from "node:fs/promises";

export interface PageFile {
  type: string;
  content: string | Buffer;
}

/** The API page: Swagger UI over `openapi.json`. Addresses are relative, so that it works behind a proxy's prefix. */
export const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Avtomatika API</title>
    <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
    <link rel="stylesheet" href="docs/page.css">
  </head>
  <body>
    <div id="page"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/page.js"></script>
  </body>
</html>
`;

/** A browser asks nobody but the engine, whatever the page's scripts may want. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const style = `body { margin: 0; background: #fff; }
.swagger-ui .info { margin: 24px 0; }
.swagger-ui .scheme-container { padding: 16px 0; box-shadow: none; border-bottom: 1px solid #ddd; }
`;

const script = `SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  layout: "BaseLayout",
  presets: [SwaggerUIBundle.presets.apis],
  // Its default asks a server elsewhere.
  validatorUrl: null,
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
`;

const own: Readonly<Record<string, PageFile>> = {
  "page.css": { type: "text/css; charset=utf-8", content: style },
  "page.js": { type: "text/javascript; charset=utf-8", content: script },
};

/** Those that the page needs of Swagger UI. */
const types: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

/** The names of the files beside the page. */
export const pageFiles: readonly string[] = [...Object.keys(own), ...Object.keys(types)];

/** One of them, read when it is asked for; null for any other name. */
export async function readPageFile(name: string): Promise<PageFile | null> {
  if (Object.hasOwn(own, name)) return own[name] as PageFile;
  if (!Object.hasOwn(types, name)) return null;
  const folder = new URL("static/", import.meta.resolve("@fastify/swagger-ui"));
  return { type: types[name] as string, content: await readFile(new URL(name, folder)) };
}
