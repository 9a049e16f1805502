import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, most of them by starting processes: begun last, one would be waited for alone. */
const long =
  /test\/(package|readme|cli|train|models|runtime|tasks\/compress|codec|fields\/groups)\b/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => long.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** What is computed from arguments alone, so that a process may run one file after another. */
const pure = ["nn", "metrics"].map((folder) => `test/${folder}/**/*.test.ts`);
const fuzz = "test/**/*.fuzz.test.ts";

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "pure", include: pure, exclude: [fuzz], isolate: false } },
      {
        extends: true,
        test: { name: "whole", include: ["test/**/*.test.ts"], exclude: [fuzz, ...pure] },
      },
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    server: { deps: { external: [/\/(build|dist)\//] } },
  },
});
