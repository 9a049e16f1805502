import { defineConfig } from "vitest/config";

// Long fuzzing: `npm run fuzz`. The same properties run briefly in `npm test`.
export default defineConfig({
  test: {
    include: ["test/**/*.fuzz.test.ts"],
    testTimeout: 3_600_000,
    maxWorkers: 2,
    server: { deps: { external: [/\/(build|dist)\//] } },
  },
});
