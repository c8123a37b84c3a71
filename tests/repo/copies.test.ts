// The engine and the SDKs know nothing of each other, and the client nothing of the protocol's package: what they share
// is there as copies, which stay the same.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../packages/${path}`, import.meta.url)), "utf8");

test.each([
  ["avtomatika/src/config/misspelled-variables.ts", "worker/src/options/misspelled-variables.ts"],
  ["worker/src/options/did-you-mean.ts", "client/src/http/did-you-mean.ts"],
])("%s and %s are the same", (one, other) => {
  expect(read(other)).toBe(read(one));
});
