// npm run docs:http: writes docs/reference/http.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readDocument } from "./read-document.ts";
import { renderHttp } from "./render-http.ts";

const template = readFileSync(join(import.meta.dirname, "http.template.md"), "utf8");
const target = join(import.meta.dirname, "../../docs/reference/http.md");
writeFileSync(target, renderHttp(template, await readDocument()));
