// Every example runs, as a program in a folder where the package is installed.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";

const names = readdirSync("examples").filter((name) => name.endsWith(".ts"));
const folder = mkdtempSync(join(tmpdir(), "elbo-examples-"));

/** Node 20 does not run TypeScript: the examples are stripped of their types first. */
beforeAll(() => {
  const config = {
    extends: resolve("tsconfig.json"),
    compilerOptions: {
      outDir: folder,
      rootDir: resolve("examples"),
      typeRoots: [resolve("node_modules/@types")],
    },
    include: [],
    files: names.map((name) => resolve("examples", name)),
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", folder]);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(resolve("."), join(folder, "node_modules", "elbojs"), "junction");
  return () => rmSync(folder, { recursive: true, force: true });
});

/** What each example prints, numbers aside. */
const prints: Record<string, RegExp[]> = {
  "random-data.ts": [
    /autoencoder {2}mean squared error 0\.0\d+/,
    /vae {10}ELBO -\d\.\d\d nats a row, KL \d\.\d\d/,
    /latents of row 1( {1,2}-?\d\.\d\d){5}/,
    /a new row( {1,9}0\.\d\d){10}/,
  ],
};

test("every example is expected to print something", () => {
  expect(Object.keys(prints)).toEqual(names);
});

test.each(names)("%s", (name) => {
  const program = join(folder, name.replace(/\.ts$/, ".js"));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  for (const line of prints[name]!) expect(stdout).toMatch(line);
});
