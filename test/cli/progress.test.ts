// How far a long command has come, without a terminal.
import { expect, test, vi } from "vitest";
import { progressTalk } from "#elbo/cli/progress.js";

function told(silent: boolean): string[] {
  const lines: string[] = [];
  let now = 5000;
  const say = (line: string) => lines.push(line);
  const talk = { silent, say, warn() {}, warnings: [] };
  const { onProgress, clear } = progressTalk(talk, "explaining", () => now);
  const [shares, seconds] = [
    [0, 0.1, 0.25, 0.3, 0.5, 0.99, 1],
    [0, 4, 12, 15, 30, 39.7, 41],
  ];
  for (const [i, share] of shares!.entries()) {
    now = 5000 + 1000 * seconds![i]!;
    onProgress(share);
  }
  clear();
  return lines;
}

test("a line every ten seconds says the share and what is left, and none is the end", () => {
  vi.stubEnv("CI", "1");
  expect(told(false)).toEqual(["explaining: 25 %, 0:36 left", "explaining: 50 %, 0:30 left"]);
  expect(told(true)).toEqual([]);
  vi.unstubAllEnvs();
});
