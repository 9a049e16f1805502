// elbo report, and the report that train writes, as a person uses them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { sharedFolder } from "../helpers/folder.ts";
import { elboDone, elboFails, numbers, startAsGiven, writeData } from "./support.ts";

const folder = sharedFolder();
const words = "train d.csv --epochs 3 --latent 2 --threads 1 --out run".split(" ");
const path = join("run", "report.html");

beforeAll(async () => {
  writeData(folder, "d.csv", numbers(80, 4));
  const { code, stdout, stderr } = await startAsGiven(folder, ...words).ended;
  expect(code, stderr).toBe(0);
  expect(stdout).toBe("run\n");
  expect(stderr).toContain(`\nreport: ${path}\ntry next:\n`);
});

test("train writes the page that report writes again, which prints where it is", async () => {
  const first = readFileSync(join(folder, path), "utf8");
  expect(first).toMatch(/^<!doctype html>/);
  const again = await elboDone(folder, "report", "run", "--threads", "1");
  expect(again.stdout).toBe(`${path}\n`);
  expect(readFileSync(join(folder, path), "utf8")).toBe(first);

  const json = await elboDone(folder, "report", "run", "-o", "page.html", "--json");
  expect(JSON.parse(json.stdout)).toEqual({ ok: true, output: "page.html", warnings: [] });
  expect(json.stderr).toBe("");
});

test("train --json tells of it in its last line; --no-report writes none, and a new run has no old one", async () => {
  const again = startAsGiven(folder, ...words, "--force", "--json");
  const last = (await again.ended).stdout.trimEnd().split("\n").at(-1)!;
  expect(JSON.parse(last)).toMatchObject({ event: "done", report: path });
  const without = startAsGiven(folder, ...words, "--force", "--json", "--no-report");
  const told = (await without.ended).stdout.trimEnd().split("\n").at(-1)!;
  expect(JSON.parse(told)).not.toHaveProperty("report");
  expect(existsSync(join(folder, path))).toBe(false);
});

test("a sweep writes that of the run it keeps", async () => {
  const sweep = "train d.csv --search latent=1..2 --trials 2 --epochs 1 --threads 1 --out sweep";
  const { code, stdout, stderr } = await startAsGiven(folder, ...sweep.split(" ")).ended;
  expect(code, stderr).toBe(0);
  const page = join(stdout.trim(), "report.html");
  expect(stderr).toContain(`report: ${page}\n`);
  expect(existsSync(join(folder, page))).toBe(true);
});

test("what is asked for wrongly is refused, and nothing is written", async () => {
  writeData(folder, "there.html", "mine");
  const taken = await elboFails(folder, 2, "report", "run", "-o", "there.html");
  expect(taken.code).toBe("output-exists");
  expect(readFileSync(join(folder, "there.html"), "utf8")).toBe("mine");
  await elboDone(folder, "report", "run", "-o", "there.html", "--force", "--quiet");
  expect(readFileSync(join(folder, "there.html"), "utf8")).toMatch(/^<!doctype html>/);

  expect((await elboFails(folder, 1, "report", "none")).code).toBe("file-missing");
  const under = await elboFails(folder, 1, "report", "run", "-o", "d.csv/page.html");
  expect(under.code).toBe("folder-is-file");
  const nowhere = await elboFails(folder, 2, "report", "run", "-o", join("no", "page.html"));
  expect(nowhere.message).toBe(
    `${join("no", "page.html")} cannot be written: the folder no does not exist`,
  );
  const format = await elboFails(folder, 2, "report", "run", "-o", "page.pdf");
  expect(format).toMatchObject({ code: "format-unknown", hint: expect.stringContaining(".html") });
  expect(existsSync(join(folder, "page.pdf"))).toBe(false);
});
