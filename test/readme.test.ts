// What the README shows works: its sh blocks run in order in one folder, its ts blocks compile
// and run there.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { MAIN } from "./cli/support.ts";
import { testFolder } from "./helpers/folder.ts";

const text = readFileSync("README.md", "utf8");

function blocks(language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter((match) => match[1] === language)
    .map((match) => match[2]!);
}

test("the README's commands and programs run", { timeout: 120_000 }, () => {
  const folder = testFolder();
  const bin = join(folder, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  symlinkSync(MAIN, join(bin, "elbo"));
  symlinkSync(resolve("."), join(folder, "node_modules/elbojs"));
  const path = [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const options = { cwd: folder, env: { ...process.env, PATH: path }, encoding: "utf8" } as const;

  const commands = blocks("sh");
  expect(commands.length).toBeGreaterThanOrEqual(4);
  const shown = execFileSync("sh", ["-e", "-c", commands.join("\n")], {
    ...options,
    stdio: "pipe",
  });
  expect(shown).toContain("people.csv: 2,000 rows, 7 columns");
  // The table that the README shows is the one that people see.
  const table = /^column .*\n(?:.+\n)+/m.exec(shown)![0];
  expect(text).toContain(`\`\`\`\n${table}\`\`\``);
  expect(shown).toContain("The model knows these rows better than each column alone does");
  for (const name of [
    "latents.csv",
    "seen.parquet",
    "whole.csv",
    "nurses.csv",
    "hours.csv",
    "strange.csv",
    "people-onnx/score.onnx",
  ]) {
    expect(existsSync(join(folder, name)), name).toBe(true);
  }

  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const programs = blocks("ts");
  expect(programs.length).toBeGreaterThanOrEqual(1);
  for (const [i, program] of programs.entries()) {
    const compiler = resolve("node_modules/typescript/bin/tsc");
    const flags = "--strict --module nodenext --target es2023 --lib es2023,dom".split(" ");
    writeFileSync(join(folder, `program${i}.ts`), program);
    execFileSync(process.execPath, [compiler, ...flags, `program${i}.ts`], options);
    const told = execFileSync(process.execPath, [`program${i}.js`], options);
    expect(told).toContain("2000 rows of 2 latents");
  }
});

test("the README's links and pictures are there", () => {
  const targets = [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1]!);
  expect(targets.length).toBeGreaterThan(2);
  for (const target of targets) {
    if (!/^https?:/.test(target)) expect(existsSync(target), target).toBe(true);
  }
});
