// Images with loss: bits and errors at several λ, beside JPEG and WebP at several qualities.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compressTo, decompressTo } from "elbojs";
import sharp from "sharp";
import { testImages, trainedFor } from "./compression.mjs";
import { fixed } from "./format.mjs";
import { msSsim } from "./ms-ssim.mjs";

const [HEAD, SIDE, COUNT] = [16, 28, 10_000];
const SIZE = SIDE * SIDE;
/** Of so many images the similarity is told: the others cost time and say the same. */
const SIMILAR = 1000;

function distances(pixels, others) {
  let squared = 0;
  for (let i = 0; i < pixels.length; i++) squared += (pixels[i] - others[i]) ** 2;
  let similar = 0;
  for (let i = 0; i < SIMILAR; i++) {
    const of = (all) => all.subarray(i * SIZE, (i + 1) * SIZE);
    similar += msSsim(of(pixels), of(others), SIDE, SIDE);
  }
  return {
    psnr: 10 * Math.log10(255 ** 2 / (squared / pixels.length)),
    msSsim: similar / SIMILAR,
  };
}

async function byModel(folder, set, lambda) {
  const run = await trainedFor(folder, `${set}-raw`);
  const path = await testImages(folder, set);
  const [archive, back] = [join(folder, "lossy.elbo"), join(folder, "lossy")];
  const { bytes } = await compressTo(archive, run, path, { lossy: true, lambda, force: true });
  await decompressTo(back, run, archive, { force: true });
  const pixels = (await readFile(path)).subarray(HEAD);
  const others = (await readFile(back)).subarray(HEAD);
  return { bitsPerPixel: (8 * bytes.archive) / pixels.length, ...distances(pixels, others) };
}

/** Images stacked in columns of 500, so that a file's head is nothing beside them. */
async function byFormat(folder, set, format, quality) {
  const pixels = (await readFile(await testImages(folder, set))).subarray(HEAD);
  const stack = 500;
  const others = new Uint8Array(pixels.length);
  let bytes = 0;
  for (let first = 0; first < COUNT; first += stack) {
    const part = pixels.subarray(first * SIZE, (first + stack) * SIZE);
    const raw = { width: SIDE, height: SIDE * stack, channels: 1 };
    const file = await sharp(part, { raw })[format]({ quality }).toBuffer();
    bytes += file.length;
    const decoded = await sharp(file).toColourspace("b-w").raw().toBuffer();
    others.set(decoded.subarray(0, part.length), first * SIZE);
  }
  return { bitsPerPixel: (8 * bytes) / pixels.length, ...distances(pixels, others) };
}

const sets = [
  ["mnist", "MNIST"],
  ["fashion", "Fashion-MNIST"],
];

export const rateDistortion = {
  name: "rate-distortion",
  title: "Compression of images with loss",
  text: `
The 10,000 test images, by the runs of the table above: \`elbo compress --lossy --lambda X\`, the archive's
header counted and the model not. Beside them JPEG and WebP (libvips 8, images stacked in columns of 500, so
that heads cost nothing). MS-SSIM has the two scales that 28 pixels leave of five, and is of the first 1,000
images. A model comes far below JPEG's bits and no nearer than it has learned; of faithful copies JPEG and
WebP are better.`,
  columns: [
    { title: "bits a pixel", of: ({ bitsPerPixel }) => fixed(bitsPerPixel, 3) },
    { title: "PSNR, dB", of: ({ psnr }) => fixed(psnr, 2) },
    { title: "MS-SSIM", of: (values) => fixed(values.msSsim, 4) },
  ],
  rows: sets.flatMap(([set, title]) => [
    ...[0, 1000, 10_000].map((lambda) => ({
      name: `${set}-lambda-${lambda}`,
      title: `${title}: elbo, λ = ${lambda.toLocaleString("en")}`,
      compute: (folder) => byModel(folder, set, lambda),
    })),
    ...["jpeg", "webp"].flatMap((format) =>
      [1, 10, 50, 90].map((quality) => ({
        name: `${set}-${format}-${quality}`,
        title: `${title}: ${format === "jpeg" ? "JPEG" : "WebP"}, quality ${quality}`,
        compute: (folder) => byFormat(folder, set, format, quality),
      })),
    ),
  ]),
};
