// What `elbo train FILE` makes of real files: `npm run datasets` writes docs/datasets.md. Of each
// file every tenth row is kept back; the model trains on the others, and is told on the rows kept
// beside what must be beaten. ELBO_DATA says where the data is (default ../shared/data). Rows are
// kept in docs/results/datasets.jsonl as they come, and a later call computes those that are not there.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { evaluate, openData, openRun, train } from "elbojs";
import { writeDatasets } from "./datasets-page.mjs";
import { someRows } from "./some-rows.mjs";

const { values } = parseArgs({
  options: {
    /** Files whose names hold this, again. */
    only: { type: "string" },
  },
});
const files = [
  "adult/adult.csv",
  "housing/housing.csv",
  "penguins/penguins.csv",
  "penguins/penguins_raw.csv",
  "nab/realKnownCause/nyc_taxi.csv",
  "nab/realKnownCause/machine_temperature_system_failure.csv",
  "single-cell/10k_counts.mtx.gz",
  "single-cell/10x_pbmc68k_reduced.h5ad",
  "adbench/6_cardio.npz#X",
  "adbench/23_mammography.npz#X",
  "adbench/26_optdigits.npz#X",
  "adbench/28_pendigits.npz#X",
  "adbench/30_satellite.npz#X",
  "adbench/32_shuttle.npz#X",
  "adbench/38_thyroid.npz#X",
  "mnist/train-images-idx3-ubyte.gz",
  "fashion-mnist/train-images-idx3-ubyte.gz",
  "freyfaces/freyfaces.npy",
  "omniglot/images_background_small1.zip",
  "smiles/valid.txt",
  "text/tinyshakespeare.txt",
];
/** Seconds after which a row ends whatever it has reached, and says so. */
const MOST_SECONDS = 2700;

const data = process.env.ELBO_DATA ?? "../shared/data";
const store = "docs/results/datasets.jsonl";
const known = () =>
  new Map(
    (existsSync(store) ? readFileSync(store, "utf8") : "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => [JSON.parse(line).file, JSON.parse(line)]),
  );

async function row(file) {
  const source = await openData(join(data, file));
  const folder = mkdtempSync(join(tmpdir(), "elbo-datasets-"));
  const out = join(folder, "run");
  const warnings = [];
  const onEvent = (event) => {
    if (event.event === "warning") warnings.push({ code: event.code, message: event.message });
  };
  const kept = (keeps) => someRows(source, (i) => (i % 10 === 9) === keeps);
  const settings = { out, maxTime: MOST_SECONDS, report: false };
  const done = await train(kept(false), settings, { onEvent });
  const { elbo, mse, levelAccuracy, activeUnits, baselines } = await evaluate(
    await openRun(out),
    kept(true),
  );
  await source.close?.();
  rmSync(folder, { recursive: true });
  const { schema, model, training } = done.config;
  return {
    ...{ file, rows: source.rows, warnings, seed: training.seed },
    fields: schema.fields.map(({ kind, role, likelihood }) => ({ kind, role, likelihood })),
    ...{ latent: model.latent, activeUnits, network: model.network },
    ...{ epochs: done.epochs, planned: training.epochs, best: done.best.epoch },
    ...{
      seconds: done.seconds,
      stepsPerSecond: done.stepsPerSecond,
      elbo,
      mse,
      levelAccuracy,
      baselines,
    },
  };
}

for (const file of files) {
  const again = values.only !== undefined && file.includes(values.only);
  if (!again && (values.only !== undefined || known().has(file))) continue;
  if (!existsSync(join(data, file.split("#")[0]))) {
    process.stderr.write(`${file} is not there\n`);
    continue;
  }
  const told = await row(file);
  const all = [...known().set(file, told).values()];
  writeFileSync(store, all.map((one) => `${JSON.stringify(one)}\n`).join(""));
  process.stderr.write(`${JSON.stringify(told)}\n`);
}
writeDatasets(files.map((file) => known().get(file) ?? { file }));
