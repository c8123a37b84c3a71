// npm run release:…: makes, checks and describes what is published. See CONTRIBUTING.md.
import { ensure } from "./ensure.mjs";

const commands = {
  check: async () => (await import("./release/check.ts")).check(),
  licences: async () => (await import("./release/licences.ts")).writeThirdParty(),
  stage: async () => (await import("./release/stage.ts")).stageAll(),
  version: async () => (await import("./release/version.ts")).setVersion(),
};

await ensure();
const [name = "", ...rest] = process.argv.slice(2);
if (!Object.hasOwn(commands, name) || rest.length > 0) {
  console.error(
    `release: expected one of ${Object.keys(commands).join(", ")}, got "${process.argv.slice(2).join(" ")}"`,
  );
  process.exitCode = 2;
} else {
  await commands[name]();
}
