// Options of train from a file.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import { elboDone, elboFails, numbers, writeData } from "./support.ts";

function folderWith(config: unknown): string {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(80, 4));
  const text = typeof config === "string" ? config : JSON.stringify(config);
  writeFileSync(join(folder, "c.json"), text);
  return folder;
}

test("a file's options hold, and the command line's win", async () => {
  const folder = folderWith({
    ...{ latent: 3, epochs: 2, network: "mlp:5", ignore: ["c0"], kind: { c1: "real" } },
    ...{ "lr-schedule": "cosine", validation: 0.2, "method-option": { gamma: 2 } },
    method: "factor-vae",
  });
  const words = ["train", "d.csv", "--config", "c.json", "--latent", "1", "--json", "--out", "r"];
  const { stdout } = await elboDone(folder, ...words);
  const { settings, fields } = JSON.parse(
    stdout.split("\n").find((line) => line.includes("start"))!,
  );
  expect(settings.model).toMatchObject({
    ...{ latent: 1, method: "factor-vae", network: { kind: "mlp", hidden: [5] } },
    options: { gamma: 2 },
  });
  expect(settings.training).toMatchObject({
    ...{ epochs: 2, validation: 0.2, learningRate: { schedule: { name: "cosine" } } },
  });
  expect(fields[0]).toMatchObject({ name: "c0", role: "ignore" });
});

test.each([
  ["no JSON", "{", "it is not valid JSON"],
  ["a list", [1], "it is no JSON object"],
  ["a mistyped option", { latant: 2 }, '"latant" is no option that it may hold'],
  ["an option that is no setting", { resume: "r" }, '"resume" is no option that it may hold'],
  ["a list for one value", { latent: [2, 3] }, '"latent" is a text or a number, received [2,3]'],
])("%s is refused", async (_, config, message) => {
  const folder = folderWith(config);
  const error = await elboFails(folder, 2, "train", "d.csv", "--config", "c.json");
  expect(error.code).toBe("config-file");
  expect(error.message).toContain(message);
});

test("values are checked as those of the command line are", async () => {
  const folder = folderWith({ latent: "many" });
  const words = ["train", "d.csv", "--config", "c.json"];
  expect((await elboFails(folder, 2, ...words)).message).toBe(
    '--latent takes a number, received "many"',
  );
  const none = await elboFails(folder, 1, "train", "d.csv", "--config", "none.json");
  expect(none.code).toBe("file-missing");
});
