// What a person reads before anything runs, and that reading it costs nothing.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import { elbo, elboDone, elboFails, elboProcessDone } from "./support.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const commands = [
  "inspect",
  "train",
  "evaluate",
  "encode",
  "reconstruct",
  "sample",
  "impute",
  "predict",
  "export",
  "detect",
  "interpolate",
  "traverse",
  "cluster",
  "nearest",
  "explain",
  "report",
];

/** Runs a copy of the package that holds nothing but `parts`. */
function runAlone(parts: readonly string[], ...words: string[]): string {
  const folder = testFolder();
  for (const part of ["package.json", ...parts]) {
    mkdirSync(join(folder, part, ".."), { recursive: true });
    if (part.startsWith("node_modules")) symlinkSync(resolve(part), join(folder, part));
    else cpSync(part, join(folder, part), { recursive: true });
  }
  const main = join(folder, "dist/main.js");
  return execFileSync(process.execPath, [main, ...words], { encoding: "utf8" });
}

test("--version loads the entry alone, --help the commands' words alone", () => {
  expect(runAlone(["dist/main.js"], "--version")).toBe(`${version}\n`);
  const light = [
    ...["dist/main.js", "dist/process.js", "node_modules/commander"],
    ...readdirSync("dist").flatMap((name) => (/^words\b/.test(name) ? [`dist/${name}`] : [])),
  ];
  const bytes = light.filter((path) => path.startsWith("dist/")).map((path) => statSync(path).size);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(120_000);
  expect(runAlone(light, "train", "--help")).toContain("--latent <N|auto>");
});

test.each(["", ...commands])("help of elbo %s", async (command) => {
  const { stdout, stderr } = await elboDone(".", ...command.split(" ").filter(Boolean), "--help");
  expect(stderr).toBe("");
  expect(stdout).toMatchSnapshot();
});

test("--json holds for help and version too", async () => {
  const help = await elboDone(".", "train", "--help", "--json");
  expect(JSON.parse(help.stdout)).toMatchObject({
    ok: true,
    help: expect.stringMatching(/^Usage/),
  });
  const shown = await elboProcessDone(".", "--version", "--json");
  expect(JSON.parse(shown.stdout)).toEqual({ ok: true, version });
});

test.each([
  [["train", "x.csv", "--latnet", "3"], "unknown-option", "Did you mean --latent?"],
  [["trian", "x.csv"], "unknown-command", "Did you mean train?"],
  [[], "command-missing", "elbo --help"],
  [["train"], "missing-argument", "elbo train data.csv"],
  [["encode", "run", "x.csv"], "missing-mandatory-option-value", "elbo encode --help"],
  [["sample", "run", "-o", "s.csv"], "missing-mandatory-option-value", "elbo sample --help"],
  [["evaluate", "run", "a.csv", "b.csv"], "excess-arguments", "elbo evaluate --help"],
  [["train", "x.csv", "--out"], "option-missing-argument", "elbo train --help"],
  [["train", "x.csv", "--latent", "12abc"], "option-value", "Write it as"],
  [["train", "x.csv", "--lr", ""], "option-value", "Write it as"],
  [["train", "x.csv", "--lr", "Infinity"], "option-value", "Write it as"],
  [["train", "x.csv", "--latent", "-3"], "option-value", "--latent"],
  [["train", "x.csv", "--latent", "2.5"], "option-value", "--latent"],
  [["train", "x.csv", "--method", "vea"], "option-value", "Did you mean vae?"],
  [["train", "x.csv", "--method", "beta-vae"], "option-value", "--method vae --beta 4"],
  [["train", "x.csv", "--method", "β-VAE"], "option-value", "--method vae --beta 4"],
  [["train", "x.csv", "--method", "vade"], "option-value", "--method mixture-vae"],
  [["train", "x.csv", "--method", "gm-vae"], "option-value", "--method mixture-vae"],
  [["train", "x.csv", "--method", "vqvae"], "option-value", "--method vq-vae"],
  [["train", "x.csv", "--method", "constructor"], "option-value", "Choose one of"],
  [["methods", "cvae"], "option-value", "--method vae --condition COLUMN"],
  [["train", "x.csv", "--method-option", "gama"], "option-value", "components=50"],
  [["train", "x.csv", "--kind", "age"], "option-value", "age=real"],
  [["train", "x.csv", "--network", "mlp:12,x"], "network-spec", "mlp:512,256"],
] as const)("%j is wrong usage: %s", async (words, code, hint) => {
  const error = await elboFails(testFolder(), 2, ...words);
  expect(error.code).toBe(code);
  expect(error.hint).toContain(hint);
});

test("a number's error names the option and what was received", async () => {
  const { stderr } = await elbo(".", "train", "x.csv", "--max-time", "12abc");
  expect(stderr).toContain('error: --max-time takes a number, received "12abc"\n');
});
