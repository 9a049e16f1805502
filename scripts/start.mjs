// The main job on data made here: images of shapes, from the file to a trained model and to all
// that it is for. `npm start` installs and builds before it.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { factorsCsv, makeShapes, SIDE, shapesIdx } from "../examples/shapes.mjs";

const folder = join("runs", "shapes");
const file = (name) => join(folder, name);
const run = file("run");

/** Shows a command as a person would type it, and runs it on the built command line. */
function elbo(...words) {
  console.log(`\n$ elbo ${words.join(" ")}`);
  try {
    execFileSync(process.execPath, ["dist/main.js", ...words], { stdio: "inherit" });
  } catch (error) {
    process.exit(error.status ?? 1);
  }
}

mkdirSync(folder, { recursive: true });
const test = makeShapes(1000, 2);
writeFileSync(file("train.idx.gz"), shapesIdx(makeShapes(12_000, 1).pixels));
writeFileSync(file("test.idx.gz"), shapesIdx(test.pixels));
writeFileSync(file("test-factors.csv"), factorsCsv(test.factors));
const some = test.pixels.subarray(0, 64 * SIDE * SIDE);
writeFileSync(file("some.idx.gz"), shapesIdx(some));
console.log(`Made 13,000 images of squares, discs and triangles in ${folder}.`);

const model = ["--network", "mlp:512,256", "--latent", "6"];
const training = ["--epochs", "35", "--lr", "2e-3", "--seed", "1", "--max-time", "60"];
elbo("train", file("train.idx.gz"), "--out", run, ...model, ...training, "--force", "--no-report");
elbo("evaluate", run, file("test.idx.gz"));
elbo("report", run);
elbo("sample", run, "-n", "64", "-o", file("samples.png"), "--force");
elbo("reconstruct", run, file("some.idx.gz"), "-o", file("reconstructions.png"), "--force");
elbo("encode", run, file("test.idx.gz"), "-o", file("latents.csv"), "--force");

const { openImageWriter } = await import("../build/data/write/images.js");
const originals = await openImageWriter(file("originals.png"), [SIDE, SIDE, 1], { force: true });
await originals.write(some);
await originals.close();

console.log(`
Look at:
  ${join(run, "report.html")}      how good the model is, what it knows, and a map of the images
  ${file("samples.png")}          shapes that the model made up
  ${file("originals.png")}        64 images it has not seen, and
  ${file("reconstructions.png")}  the same through its 6 latents
  ${file("latents.csv")}          those latents for 1,000 images; what made them is in
  ${file("test-factors.csv")}     kind, place, size and rotation
The run folder is ${run}. On your own data: node dist/main.js train data.csv`);
