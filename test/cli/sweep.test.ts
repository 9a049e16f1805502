// A sweep: its table, its best run, and going on after a kill.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rungsOf } from "#elbo/train/search.js";
import type { Trial } from "#elbo/train/sweep.js";
import { testFolder } from "../helpers/folder.ts";
import { elboDone, elboFails, numbers, startElbo, writeData } from "./support.ts";

const SWEEP = [
  ...["train", "d.csv", "--search", "latent=1..4,lr=1e-4..1e-2,network=mlp:8|mlp:16,8"],
  ...["--epochs", "4", "--threads", "1", "--seed", "5", "--trials", "5"],
];

/** The table, without its times. */
const table = (folder: string) =>
  readFileSync(join(folder, "trials.ndjson"), "utf8").replace(/,"seconds":[\d.]+/g, "");

test("the best trial's run is kept; a killed sweep goes on to the same table and run", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(120, 5));
  const { stdout } = await elboDone(folder, ...SWEEP, "--out", "whole");
  const lines = table(join(folder, "whole")).trimEnd().split("\n");
  const scores = lines.map((line) => JSON.parse(line).score as number);
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

test("halving: the best third of each rung goes on, to the bytes of a run in one go", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(120, 5));
  const words = ["train", "d.csv", "--search", "latent=1..4,lr=1e-4..1e-2", "--epochs", "9"];
  const more = ["--threads", "1", "--seed", "5", "--trials", "5", "--halving"];
  const { stdout } = await elboDone(folder, ...words, ...more, "--out", "whole");
  const trials = table(join(folder, "whole"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Trial);
  // Five for an epoch, two for three, one for all nine.
  const rung = (number: number) => trials.filter((trial) => trial.rung === number);
  expect([0, 1, 2, 3].map((number) => rung(number).length)).toEqual([5, 2, 1, 0]);
  for (const [number, last] of [1, 3, 9].entries()) {
    for (const { epoch } of rung(number)) expect(epoch).toBeLessThanOrEqual(last);
  }
  const ranked = (number: number) =>
    rung(number)
      .toSorted((a, b) => a.score! - b.score!)
      .map(({ trial }) => trial);
  expect(ranked(1).toSorted()).toEqual(ranked(0).slice(0, 2).toSorted());
  const [best] = ranked(1);
  expect(rung(2)[0]!.trial).toBe(best);
  expect(stdout).toBe(`${join("whole", `trial-${best}`)}\n`);
  expect(readdirSync(join(folder, "whole")).sort()).toEqual([
    ...["sweep.json", `trial-${best}`, "trials.ndjson"],
  ]);
  const { latent, lr } = rung(2)[0]!.options;
  const alone = [
    "--latent",
    latent!,
    "--lr",
    lr!,
    "--epochs",
    "9",
    "--threads",
    "1",
    "--seed",
    "5",
  ];
  await elboDone(folder, "train", "d.csv", ...alone, "--out", "alone");
  const model = (run: string) => readFileSync(join(folder, run, "model.safetensors"));
  expect(model("alone")).toEqual(model(stdout.trim()));

  const cut = startElbo(folder, ...words, ...more, "--out", "cut", "--json");
  await cut.shows('"trial":4');
  cut.child.kill("SIGKILL");
  await cut.ended;
  await elboDone(folder, ...words, ...more, "--out", "cut");
  expect(table(join(folder, "cut"))).toBe(table(join(folder, "whole")));
  expect(model(join("cut", `trial-${best}`))).toEqual(model("alone"));
});

test("rungs: a third each, the last one for all epochs", () => {
  expect(rungsOf(20)).toEqual([
    { trials: 20, share: 1 / 27 },
    { trials: 7, share: 1 / 9 },
    { trials: 3, share: 1 / 3 },
    { trials: 1, share: 1 },
  ]);
  expect(rungsOf(1)).toEqual([{ trials: 1, share: 1 }]);
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
  expect(existsSync(join(folder, "s"))).toBe(false);
});

test("a value that only a later trial would draw is refused before the first, and nothing is left", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(120, 5));
  const refused = (...words: string[]) =>
    elboFails(folder, 2, "train", "d.csv", "--epochs", "1", "--out", "s", ...words);
  expect((await refused("--search", "method=vae|vaee")).hint).toBe("Did you mean vae?");
  expect((await refused("--search", "lr=1e-3..1e-2,latent=0..4")).message).toContain("received 0");
  expect((await refused("--search", "network=mlp:4|mpl:4")).code).toBe("network-spec");
  expect(await refused("--search", "latent=1..2", "--latent", "3")).toMatchObject({
    code: "options-contradict",
    message: "--search draws latent, and --latent gives it",
  });
  // What only the data tells, too.
  expect((await refused("--search", "latent=1..2", "--target", "c9")).code).toBe("column-unknown");
  // Of 120 rows 108 are left to train on, which only the data tells; the first trials draw fewer.
  const drawn = await refused("--search", "batch=10..2000", "--trials", "8", "--seed", "5");
  expect(drawn).toMatchObject({ code: "options-contradict" });
  expect(drawn.message).toMatch(
    /^trial [2-8] of the sweep draws batch \d+: --batch \d+ is larger than the data, which has 108 rows/,
  );
  const network = await refused("--search", "network=mlp:8|conv:4", "--trials", "8");
  expect(network.message).toMatch(/^trial \d of the sweep draws network conv:4: /);
  expect(readdirSync(folder)).toEqual(["d.csv"]);
});

test.each([
  ["a sweep", []],
  ["halving", ["--halving"]],
])(
  "a trial whose options an earlier one has is not trained again, nor goes on: %s",
  async (_, more) => {
    const folder = testFolder();
    writeData(folder, "d.csv", numbers(120, 5));
    const words = ["train", "d.csv", "--search", "latent=2..4", "--trials", "9", "--epochs", "3"];
    const { stderr, stdout } = await elboDone(folder, ...words, ...more, "--out", "s");
    const lines = readFileSync(join(folder, "s", "trials.ndjson"), "utf8")
      .trimEnd()
      .split("\n");
    const trials = lines.map((line) => JSON.parse(line) as Trial);
    const first = trials.filter(({ rung }) => rung === 0);
    expect(first).toHaveLength(9);
    for (const { trial, options, sameAs, score, epoch } of first) {
      const before = first.find((each) => each.options["latent"] === options["latent"])!;
      expect(sameAs).toBe(before.trial === trial ? null : before.trial);
      expect({ score, epoch }).toEqual({ score: before.score, epoch: before.epoch });
    }
    expect(first.filter(({ sameAs }) => sameAs === null).length).toBeLessThanOrEqual(3);
    for (const { rung, sameAs } of trials) if (rung > 0) expect(sameAs).toBeNull();
    expect(stderr).toMatch(/trial 9\/9 {2}latent \d {2}score \S+, as trial [1-8]\n/);
    expect(existsSync(join(folder, stdout.trim(), "model.safetensors"))).toBe(true);
  },
);
