// What `elbo train FILE` makes of real files with no other option: `npm run datasets` writes
// docs/datasets.md. Of each file every tenth row is kept back; the model trains on the others, and
// is told on the rows kept beside columns alone, the mean row and PCA. ELBO_DATA says where the data
// is (default ../shared/data). Takes about half an hour.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { evaluate, openData, openRun, train } from "elbojs";
import { someRows } from "./some-rows.mjs";

const { values } = parseArgs({
  options: {
    /** Seconds that a model may train. */
    seconds: { type: "string", default: "60" },
    /** Only files whose names hold this; nothing is written then. */
    only: { type: "string" },
  },
});
const data = process.env.ELBO_DATA ?? "../shared/data";
const files = [
  "adult/adult.csv",
  "housing/housing.csv",
  "penguins/penguins.csv",
  "penguins/penguins_raw.csv",
  "nab/realKnownCause/nyc_taxi.csv",
  "single-cell/10k_counts.mtx.gz",
  "single-cell/10x_pbmc68k_reduced.h5ad",
  "adbench/23_mammography.npz#X",
  "adbench/26_optdigits.npz#X",
  "adbench/28_pendigits.npz#X",
  "adbench/30_satellite.npz#X",
  "adbench/32_shuttle.npz#X",
  "adbench/38_thyroid.npz#X",
  "adbench/6_cardio.npz#X",
  "mnist/train-images-idx3-ubyte.gz",
  "fashion-mnist/train-images-idx3-ubyte.gz",
  "freyfaces/freyfaces.npy",
  "omniglot/images_background_small1.zip",
  "smiles/valid.txt",
  "text/tinyshakespeare.txt",
];

const folder = mkdtempSync(join(tmpdir(), "elbo-datasets-"));
const lines = [];
const fixed = (value, digits = 2) => (value === null ? "–" : value.toFixed(digits));
for (const file of files) {
  if (values.only !== undefined && !file.includes(values.only)) continue;
  const path = join(data, file);
  if (!existsSync(path.split("#")[0])) {
    process.stderr.write(`${file} is not there\n`);
    continue;
  }
  const source = await openData(path);
  const out = join(folder, String(lines.length));
  const warnings = [];
  const onEvent = (event) => {
    if (event.event === "warning") warnings.push(event.message);
  };
  const options = { out, maxTime: Number(values.seconds) };
  const done = await train(
    someRows(source, (row) => row % 10 !== 9),
    options,
    { onEvent },
  );
  const report = await evaluate(
    await openRun(out),
    someRows(source, (row) => row % 10 === 9),
  );
  await source.close?.();
  const { elbo, mse, activeUnits, baselines } = report;
  const { independent, mean, pca } = baselines;
  const images = independent === null;
  const won = images ? mse < pca.mse : elbo > independent.elbo;
  const kinds = done.config.schema.fields.map(({ kind, role }) => (role === "id" ? "id" : kind));
  const counts = [...new Set(kinds)].map((kind) => {
    const many = kinds.filter((other) => other === kind).length;
    return `${many > 1 ? `${many} ` : ""}${kind}`;
  });
  const { model } = done.config;
  const cells = [
    file,
    source.rows.toLocaleString("en-US"),
    counts.join(", "),
    `${model.latent} (${activeUnits})`,
    `${done.epochs}${done.interrupted ? "*" : ""}`,
    fixed(done.seconds, 0),
    fixed(elbo),
    images ? "–" : fixed(independent.elbo),
    fixed(mse, 4),
    mean === null ? "–" : fixed(mean.mse, 4),
    pca === null ? "–" : fixed(pca.mse, 4),
    won ? "yes" : "**no**",
  ];
  lines.push(`| ${cells.join(" | ")} |`);
  process.stderr.write(`${lines.at(-1)}\n${warnings.map((text) => `    ${text}\n`).join("")}`);
}
rmSync(folder, { recursive: true });

if (values.only === undefined) {
  writeFileSync(
    "docs/datasets.md",
    `# Real files, with no option

Written by \`npm run datasets\` on ${cpus().length} × ${cpus()[0].model.trim()}, Node ${process.version}: \`elbo train FILE\`
and nothing else, but that every tenth row was kept back and training ended after ${values.seconds} seconds
(an asterisk where it did). Figures are of the rows kept back. ELBO: nats per row of the raw values;
"alone" is the same of every column by itself, by the statistics of the training rows. MSE: of numbers,
scaled, or of pixels from 0 to 1, at the posterior mean; the mean row and PCA, with as many components
as there are latents, are fitted to the very rows kept back, which favours them. A row is won where the
ELBO is better than columns alone, or, of images, the error less than PCA's. Active latents in brackets.

| file | rows | columns | latents | epochs | seconds | ELBO | alone | MSE | mean row | PCA | won |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join("\n")}
`,
  );
}
