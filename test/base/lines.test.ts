// Files of lines: whole lines, in order, also after a process was killed in the middle of one.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLines } from "#elbo/base/lines.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";

test("lines arrive in order without waiting for each", async () => {
  const path = join(testFolder(), "metrics.jsonl");
  const lines = await openLines(path);
  const expected = Array.from({ length: 300 }, (_, i) => `{"epoch":${i},"name":"é"}`);
  await Promise.all(expected.map((line) => lines.append(line)));
  await lines.close();
  expect(readFileSync(path, "utf8")).toBe(`${expected.join("\n")}\n`);
});

test("a half line that a killed process left is cut off, however long", async () => {
  const path = join(testFolder(), "metrics.jsonl");
  for (const half of ['{"epo', "x".repeat(200_000), ""]) {
    writeFileSync(path, '{"epoch":0}\n{"epoch":1}\n');
    appendFileSync(path, half);
    const lines = await openLines(path, { flush: true });
    await lines.append('{"epoch":2}');
    await lines.close();
    expect(readFileSync(path, "utf8")).toBe('{"epoch":0}\n{"epoch":1}\n{"epoch":2}\n');
  }
  writeFileSync(path, "no line break at all");
  await (await openLines(path)).close();
  expect(readFileSync(path, "utf8")).toBe("");
});

test("a folder that does not exist is one clear error", async () => {
  const path = join(testFolder(), "missing", "metrics.jsonl");
  expect((await elboError(() => openLines(path))).code).toBe("file-missing");
});
