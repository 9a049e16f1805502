// The line of what training measured.
import { expect, test } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import { elboDone, numbers, writeData } from "./support.ts";

test("it has the KL of each latent, the worst misfit, and what is used of codes", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(600, 4));
  const words = ["train", "d.csv", "--epochs", "3", "--network", "mlp:8", "--latent", "2"];
  const lineOf = async (...more: string[]) => {
    const { stderr } = await elboDone(folder, ...words, "--out", "r", "--force", ...more);
    return stderr.split("\n").find((line) => line.includes("active; ")) ?? "";
  };
  const vae = await lineOf();
  expect(vae).toMatch(/; KL \d\S* \d\S*; distortion .*; misfit [\d.]+ \(column c\d\)$/);
  const coded = ["--method", "vq-vae", "--method-option", "codes=16"];
  expect(await lineOf(...coded)).toMatch(/active; [\d.]+ of 16 codes in use; distortion/);
  expect(await lineOf("--method", "fsq")).toMatch(/ of 8 values of a latent in use; distortion/);
  const topk = ["--method", "topk", "--method-option", "k=1"];
  expect(await lineOf(...topk)).toMatch(/active; [\d.]+ of 2 values dead; distortion/);
});
