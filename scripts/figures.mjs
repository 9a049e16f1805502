// The pictures and figures of docs/guide/vae.md, drawn from models trained here, on MNIST:
//
//   npm run build && ELBO_DATA=folder/with/mnist node scripts/figures.mjs
//
// Two minutes on two cores. Prints the figures that the guide's tables hold.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BATCH, input } from "../build/graph/index.js";
import { Body } from "../build/models/body.js";
import { LATENT } from "../build/models/graphs.js";
import { Parameters } from "../build/nn/parameters.js";
import { compileFor } from "../build/tasks/stream.js";
import {
  encode,
  evaluate,
  imagesOf,
  openData,
  openRun,
  reconstruct,
  sample,
  train,
} from "../dist/index.js";
import { colours, grid, picture, save, scatter, text } from "./figures/draw.mjs";
import { mistakes, tryMistake } from "./figures/mistakes.mjs";
import { saveSchemes } from "./figures/schemes.mjs";

const [TRAINING, TEST, EPOCHS, SEED] = [10_000, 2000, 30, 1];
const PIXELS = 784;
const folder = mkdtempSync(join(tmpdir(), "elbo-figures-"));
const mnist = (file) =>
  join(process.env.ELBO_DATA ?? "../shared/data", "mnist", `${file}-ubyte.gz`);

/** The first images and their digits. */
async function rowsOf(part, count) {
  const labels = mnist(`${part}-labels-idx1`);
  const all = await openData(mnist(`${part}-images-idx3`), { labels });
  const rows = { values: new Uint8Array(count * PIXELS), labels: [], rows: count };
  for await (const { columns } of all.chunks(["image", "label"])) {
    const first = rows.labels.length;
    const few = columns[0].values.subarray(0, (count - first) * PIXELS);
    rows.values.set(few, first * PIXELS);
    rows.labels.push(...columns[1].values.subarray(0, count - first));
    if (rows.labels.length === count) break;
  }
  return { ...rows, source: imagesOf(rows.values, [28, 28, 1]) };
}
const [training, test] = [await rowsOf("train", TRAINING), await rowsOf("t10k", TEST)];

async function trained(name, options) {
  const out = join(folder, name);
  const shared = { network: "mlp:200", epochs: EPOCHS, seed: SEED, validation: 0, threads: 2 };
  const { seconds } = await train(training.source, { ...shared, ...options, out, report: false });
  const run = await openRun(out);
  const { elbo, reconstruction, kl, mse, activeUnits } = await evaluate(run, test.source);
  console.log(name, { elbo, reconstruction, kl, mse, activeUnits, seconds });
  return run;
}

/** One array for each image. */
const parts = (pixels, count) =>
  Array.from({ length: count }, (_, i) => pixels.subarray(i * PIXELS, (i + 1) * PIXELS));

const images = (bytes, count) =>
  parts(
    Float32Array.from(bytes, (v) => v / 255),
    count,
  );

/** The pixels of rows that a model gave. */
const pixelsOf = ({ values: [image] }) => image.values;

/** What a run's decoder makes of latents. */
async function decoded(run, latents) {
  const { schema, model } = run.config;
  const body = new Body(schema, model, new Parameters(), { drawn: false, gaps: false });
  const [{ group, raw }] = body.decoded;
  const [outputs] = body.decode(input(LATENT, [BATCH, model.latent]));
  const graph = { pixels: group.expected(body.parameters, outputs, raw) };
  const runner = await compileFor(run, graph, latents.length, {});
  runner.memory.view(runner.inputs.get(LATENT)).set(latents.flat());
  await runner.run(latents.length);
  const pixels = runner.output("pixels").slice();
  await runner.release();
  return parts(pixels, latents.length);
}

saveSchemes();

// The latent maps of an autoencoder and a VAE of two latents, and what lies between the points.
const two = { latent: 2, binarize: "threshold", epochs: 2 * EPOCHS };
const ae = await trained("ae-2", { ...two, method: "ae" });
const vae = await trained("vae-2", two);
const maps = [];
const lattice = [];
for (const [i, [run, name]] of [
  [ae, "autoencoder"],
  [vae, "VAE"],
].entries()) {
  const { mean } = await encode(run, test.source);
  const points = Array.from({ length: TEST }, (_, row) => [mean[2 * row], mean[2 * row + 1]]);
  const far = points
    .flat()
    .map(Math.abs)
    .sort((a, b) => a - b)[Math.floor(1.998 * TEST)];
  const range = Math.ceil(far);
  const x = 20 + i * 400;
  maps.push(
    text(x + 180, 24, name, { anchor: "middle", weight: 600 }),
    picture(x, 36, 360, 360, scatter(points, test.labels, range, 540), false),
    `<rect x="${x}" y="36" width="360" height="360" fill="none" stroke="#bbb"/>`,
    text(x, 412, `−${range}`, { size: 12, fill: "#666" }),
    text(x + 360, 412, `${range}`, { size: 12, fill: "#666", anchor: "end" }),
  );
  const steps = Array.from({ length: 12 }, (_, k) => 2.2 - 0.4 * k);
  const latents = steps.flatMap((b) => steps.toReversed().map((a) => [a, b]));
  lattice.push(
    text(x + 180, 24, name, { anchor: "middle", weight: 600 }),
    picture(x, 36, 360, 360, grid(await decoded(run, latents), 12), false),
  );
}
const legend = colours.flatMap((colour, digit) => [
  `<circle cx="${238 + 34 * digit}" cy="432" r="6" fill="${colour}"/>`,
  text(248 + 34 * digit, 437, String(digit), { size: 13 }),
]);
save("latent-maps", "Codes of test digits", 800, 450, [...maps, ...legend]);
save("between", "Decoded grids of codes", 800, 410, lattice);

// Digits and their reconstructions.
const shown = 12;
const few = test.values.slice(0, shown * PIXELS);
const fewImages = imagesOf(few, [28, 28, 1]);
const ten = await trained("vae-10", { latent: 10, binarize: "threshold" });
const rows = [["digits", images(few, shown)]];
for (const [run, name] of [
  [ae, "ae, 2 latents"],
  [vae, "vae, 2 latents"],
  [ten, "vae, 10 latents"],
]) {
  rows.push([name, images(pixelsOf(await reconstruct(run, fewImages)), shown)]);
}
const strips = (list, left, size) =>
  list.flatMap(([name, part], i) => [
    text(left - 12, 14 + (i + 0.62) * (size + 6), name, { anchor: "end" }),
    picture(left, 14 + i * (size + 6), size * part.length, size, grid(part, part.length), false),
  ]);
save(
  "reconstructions",
  "Digits and reconstructions",
  140 + shown * 52,
  14 + 4 * 58,
  strips(rows, 128, 52),
);

// What β does.
const betas = [];
for (const beta of [0.1, 1, 8]) {
  const run =
    beta === 1
      ? ten
      : await trained(`vae-beta-${beta}`, { latent: 10, binarize: "threshold", beta });
  const drawn = await sample(run, shown, { seed: SEED });
  betas.push([`β = ${beta}`, images(pixelsOf(drawn), shown)]);
}
save("beta", "New digits of three weights β", 90 + shown * 52, 14 + 3 * 58, strips(betas, 78, 52));

// The five mistakes.
const bits = ({ values, rows: count }) => ({
  rows: Float32Array.from(values, (v) => (v > 127.5 ? 1 : 0)),
  count,
});
const variants = [];
for (const [mistake, name] of mistakes) {
  const {
    weights: _,
    samples,
    ...figures
  } = await tryMistake(mistake, bits(training), bits(test), EPOCHS);
  console.log(name, figures);
  variants.push([name, samples]);
}
save(
  "mistakes",
  "New digits of six versions",
  250 + shown * 46,
  14 + 6 * 52,
  strips(variants, 238, 46),
);
rmSync(folder, { recursive: true });
