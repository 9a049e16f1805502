// A run of windows codes no rows: windows overlap, and would give each row back many times.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import { train } from "#elbo/train/train.js";
import { testFolder } from "../../helpers/folder.ts";

test("a series comes back as its file by a run of windows, and as rows by another run alone", async () => {
  const folder = testFolder();
  const at = (name: string) => join(folder, name);
  const rows = Array.from({ length: 60 }, (_, i) => `${i},${Math.sin(i / 5).toFixed(3)}`);
  writeFileSync(at("series.csv"), `n,value\n${rows.join("\n")}\n`);
  const small = { network: "mlp:4", latent: 2, epochs: 1, validation: 0, report: false } as const;
  await train(at("series.csv"), { ...small, window: 6, out: at("run") });
  const options = { force: true, threads: 1, rivals: false };
  const archive = (data: string, more = {}) =>
    compressTo(at("a.elbo"), at("run"), data, { ...options, ...more });

  const { content, notes } = await archive(at("series.csv"));
  expect(content).toBe("bytes");
  expect(notes[0]?.message).toContain("windows of a series");
  await decompressTo(at("back.csv"), at("run"), at("a.elbo"));
  expect(readFileSync(at("back.csv"), "utf8")).toBe(readFileSync(at("series.csv"), "utf8"));

  const lost = { code: "compress-lost", hint: expect.stringContaining("Leave --rows") };
  await expect(archive(at("series.csv"), { rows: true })).rejects.toMatchObject(lost);
  const query = archive(`SELECT * FROM '${at("series.csv")}'`);
  const otherRun = { code: "compress-lost", hint: expect.stringContaining("without --window") };
  await expect(query).rejects.toMatchObject(otherRun);
});
