import { defineConfig } from "vitest/config";

const patient = { testTimeout: 30_000, hookTimeout: 30_000, teardownTimeout: 30_000 };
const repoRules = "tests/repo/**/*.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "packages",
          include: ["packages/*/test/**/*.test.ts", repoRules],
          pool: "threads",
          // Loading modules once instead of per file is most of the speed; these tests share no global state.
          isolate: false,
          ...patient,
        },
      },
      {
        test: { name: "servers", include: ["tests/**/*.test.ts"], exclude: [repoRules], pool: "forks", ...patient },
      },
    ],
    coverage: {
      include: ["packages/avtomatika/src/core/**/*.ts"],
      reporter: ["text-summary", "json"],
      reportsDirectory: "coverage",
      thresholds: { branches: 100 },
    },
  },
});
