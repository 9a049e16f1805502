// docs/datasets.md, from the rows that scripts/datasets.mjs and scripts/counts.mjs keep in runs/.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";

const fixed = (value, digits = 2) =>
  value === null || value === undefined ? "–" : value.toFixed(digits).replace("-", "−");
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const counted = (words) =>
  [...new Set(words)]
    .map((word) => {
      const many = words.filter((other) => other === word).length;
      return many > 1 ? `${many} ${word}` : word;
    })
    .join(", ");

/** Kinds of the columns, and their roles where they are no data. */
function kindsText(fields) {
  return counted(
    fields.map(({ kind, role, likelihood }) => {
      if (role === "id" || role === "ignore") return role;
      const named = kind === "vector" ? `vector (${likelihood})` : kind;
      return role === "data" ? named : `${named} as ${role}`;
    }),
  );
}

const command = (file) => `\`elbo train ${file}\``;

function figures(row) {
  const {
    file,
    elbo,
    mse,
    levelAccuracy,
    baselines,
    planned,
    epochs,
    activeUnits,
    latent,
    seconds,
  } = row;
  if (elbo === undefined) return [command(file), ...new Array(11).fill(""), "not run yet"];
  const { independent, mean, pca } = baselines;
  const better = [];
  const worse = [];
  const compare = (wins, name) => (wins ? better : worse).push(name);
  if (independent) compare(elbo > independent.elbo, "alone");
  if (pca?.elbo) compare(elbo > pca.elbo, "PPCA");
  if (pca && pca.mse !== null) compare(mse < pca.mse, "PCA");
  else if (mean && mse !== null) compare(mse < mean.mse, "mean row");
  const verdict = `${better.join(", ") || "–"}${worse.length > 0 ? `; **not ${worse.join(", ")}**` : ""}`;
  return [
    command(file),
    `${activeUnits} of ${latent}`,
    `${epochs}${epochs < planned ? ` of ${planned}` : ""}`,
    fixed(seconds, 0),
    fixed(elbo),
    fixed(independent?.elbo),
    fixed(pca?.elbo),
    fixed(mse, 4),
    fixed(mean?.mse, 4),
    fixed(pca?.mse, 4),
    ...[fixed(levelAccuracy, 3), fixed(pca?.levelAccuracy, 3)],
    verdict,
  ];
}

function countsText(path) {
  if (!existsSync(path)) return "";
  const { rows, models } = JSON.parse(readFileSync(path, "utf8"));
  const cells = models.map(({ name, nats, note }) => [name, fixed(nats), note]);
  return `
## Counts of single cells

\`node scripts/counts.mjs\`: nats that each of ${rows.test.toLocaleString("en-US")} cells kept back of \`10k_counts.mtx.gz\` costs (the negative
log-likelihood of its raw counts, or for the models the bound −ELBO, which is never below it), the
other ${rows.train.toLocaleString("en-US")} cells trained on.

${table(["model", "nats per cell", ""], cells)}
`;
}

export function writeDatasets(rows) {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const runtime = createRequire(import.meta.url)("onnxruntime-node/package.json").version;
  const done = rows.filter(({ elbo }) => elbo !== undefined);
  const seen = done.map((row) => [
    row.file,
    row.rows.toLocaleString("en-US"),
    kindsText(row.fields),
    row.warnings.map(({ message }) => message).join("; ") || "–",
  ]);
  const head = ["command", "active latents", "epochs", "seconds", "ELBO", "alone", "PPCA"];
  writeFileSync(
    "docs/datasets.md",
    `# Real files, as they come

Written by \`npm run datasets\` with elbo ${version}, Node ${process.version} and onnxruntime-node ${runtime} on
${cpus().length} × ${cpus()[0].model.trim()}, seed 0. Of every file each tenth row was kept back, the model trained on
the others, and all figures are of the rows kept back. Every command is as it stands, without an option. The machine
had other work, so that seconds say little.

- **ELBO**: nats per row of the raw values, higher is better. **alone**: each column by itself.
  **PPCA**: the density of probabilistic PCA, where the model gives a density of numbers alone.
- **MSE** of a number, on the scale where training columns have deviation 1, or of pixels from 0 to 1,
  at the posterior mean, lower is better; of the training rows' mean; and of **PCA**.
- **levels**: the share of levels that the model tells right at the posterior mean, and that PCA does. PCA of a
  table is of its numbers and one-hot levels, gaps at the mean: with about as many components as there are
  numbers it loses little of these, and levels pay.
- PCA has as many components as the model has latents. All baselines know the training rows alone.
- An ELBO pays for every latent in nats, and a squared error does not: a model can know rows better
  and still place each number less exactly than PCA, whose components cost it nothing.
- The best epoch's weights are the run's. More of texts stands in [Texts](texts.md).

${table([...head, "MSE", "mean row", "PCA", "levels", "levels, PCA", "better than"], rows.map(figures))}

## What was made of the columns

${table(["file", "rows", "columns", "told at training"], seen)}
${countsText("docs/results/counts.json")}`,
  );
  execFileSync("npx", ["biome", "format", "--write", "docs/datasets.md"], { stdio: "ignore" });
}
