// The API page in a real browser: `node tests/page/main.ts [--browser PATH] [--screenshot FILE]`.
import { parseArgs } from "node:util";
import { loadConfig, MemoryStorage, OrchestratorEngine } from "avtomatika";
import { chromium } from "playwright-core";
import { flows } from "../e2e/http/flows.ts";

const { values } = parseArgs({
  options: { browser: { type: "string", default: "/usr/bin/chromium" }, screenshot: { type: "string" } },
});
const clientToken = "secret-of-the-page";
const config = loadConfig({ apiHost: "127.0.0.1", apiPort: 0, clientToken, logLevel: "warn" });
const engine = new OrchestratorEngine({ storage: new MemoryStorage(), config });
for (const flow of flows()) engine.registerBlueprint(flow);
await engine.start();
const browser = await chromium.launch({ executablePath: values.browser, args: ["--no-sandbox"] });
const faults: string[] = [];
try {
  await check();
} finally {
  await browser.close();
  await engine.stop();
}
for (const fault of faults) console.log(`FAULT ${fault}`);
if (faults.length > 0) process.exitCode = 1;

async function check(): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => {
    // The last call of this check is refused on purpose.
    if (message.type() === "error" && !message.text().includes("401")) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  await page.goto(`${engine.address}/_public/docs`);
  await page.waitForSelector(".opblock-tag-section");
  const operations = await page.locator(".opblock").count();

  await page.locator(".authorize").first().click();
  await page.locator(".auth-container input").nth(1).fill(clientToken);
  await page.locator(".auth-container .authorize").nth(1).click();
  await page.locator(".btn-done").first().click();
  const created = await execute("operations-quick-create_quick");
  const refused = await execute("operations-Tasks-getTask", "a-task");

  if (operations < 20) faults.push(`the page shows ${operations} operations`);
  if (created !== "202") faults.push(`a creation with the client's token was answered ${created}`);
  if (refused !== "401") faults.push(`a worker's call without a token was answered ${refused}`);
  const elsewhere = asked.filter((url) => !url.startsWith(engine.address) && !url.startsWith("data:"));
  for (const url of elsewhere) faults.push(`the page asked ${url}`);
  if (values.screenshot !== undefined) {
    await page.evaluate("scrollTo(0, 0)");
    await page.screenshot({ path: values.screenshot });
  }
  console.log(`page: operations ${operations}, requests ${asked.length}, elsewhere ${elsewhere.length}`);

  /** Tries an operation out; answers the status that it shows. */
  async function execute(id: string, parameter?: string): Promise<string | null> {
    const block = page.locator(`[id="${id}"]`);
    await block.locator(".opblock-summary-control").click();
    if (parameter !== undefined) await block.locator(".parameters input").first().fill(parameter);
    await block.locator(".execute").click();
    return block.locator(".live-responses-table .response-col_status").nth(1).textContent();
  }
}
