// The VAE of lines of a text file with the networks that texts have by default.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { columnsOf } from "elbojs";
import { report, timedTraining } from "./common.mjs";

const { values } = parseArgs({
  options: { texts: { type: "string" }, threads: { type: "string", default: "2" } },
});
const threads = Number(values.threads);
const lines = readFileSync(values.texts, "utf8").split("\n").slice(0, 12_800);
const settings = { kind: { text: "text" }, batch: 128, epochs: 4, latent: 32, threads };
const timed = await timedTraining(columnsOf({ text: lines }), settings);
report("text_vae", { ...timed, rowsPerSecond: 128_000 / timed.msPerStep, threads });
