// A sweep: its table, its best run, and going on after a kill.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import { elboDone, elboFails, numbers, startElbo, writeData } from "./support.ts";

const SWEEP = [
  ...["train", "d.csv", "--search", "latent=1..4,lr=1e-4..1e-2,network=mlp:8|mlp:16,8"],
  ...["--epochs", "4", "--threads", "1", "--seed", "5", "--trials", "5"],
];

/** The table, without its times. */
const table = (folder: string) =>
  readFileSync(join(folder, "trials.ndjson"), "utf8").replace(/"seconds":[\d.]+/g, "");

test("the best trial's run is kept; a killed sweep goes on to the same table and run", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(120, 5));
  const { stdout } = await elboDone(folder, ...SWEEP, "--out", "whole");
  const lines = table(join(folder, "whole")).trimEnd().split("\n");
  const scores = lines.map((line) => JSON.parse(line.replace(",}", "}")).score as number);
  expect(scores).toHaveLength(5);
  expect(new Set(scores).size).toBe(5);
  const best = scores.indexOf(Math.min(...scores)) + 1;
  expect(stdout).toBe(`${join("whole", `trial-${best}`)}\n`);
  const files = (name: string) => readdirSync(join(folder, name)).sort();
  expect(files("whole")).toEqual(["sweep.json", `trial-${best}`, "trials.ndjson"]);
  const evaluated = await elboDone(folder, "evaluate", stdout.trim(), "d.csv", "--json");
  expect(JSON.parse(evaluated.stdout).ok).toBe(true);

  const cut = startElbo(folder, ...SWEEP, "--out", "cut", "--json");
  await cut.shows('"event":"trial","trial":2');
  cut.child.kill("SIGKILL");
  await cut.ended;
  const again = await elboDone(folder, ...SWEEP, "--out", "cut");
  expect(again.stdout).toBe(`${join("cut", `trial-${best}`)}\n`);
  expect(table(join(folder, "cut"))).toBe(table(join(folder, "whole")));
  const model = (name: string) =>
    readFileSync(join(folder, name, `trial-${best}`, "model.safetensors"));
  expect(model("cut")).toEqual(model("whole"));
  expect(files("cut")).toEqual(files("whole"));

  const other = await elboFails(folder, 2, ...SWEEP, "--out", "cut", "--beta", "2");
  expect(other).toMatchObject({
    code: "sweep-differs",
    message: "cut holds another sweep: beta is none there, and 2 here",
  });
});

test("what is no search is refused before anything is trained", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(120, 5));
  const refused = (...words: string[]) => elboFails(folder, 2, "train", "d.csv", ...words);
  const out = ["--out", "s"];
  expect((await refused("--search", "latant=2..4", ...out)).hint).toBe("Did you mean latent?");
  expect((await refused("--search", "latent=4..2", ...out)).message).toContain("do not rise");
  expect((await refused("--search", "latent=2..4")).message).toContain("--search needs --out");
  expect((await refused("--trials", "3")).message).toContain("there is no --search");
  expect(existsSync(join(folder, "s"))).toBe(false);
  const none = await refused("--search", "latent=1..2", ...out, "--validation", "0");
  expect(none.message).toContain("a sweep chooses by rows held out");
});
