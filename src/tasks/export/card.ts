// The model card of an export: what the model is of, how good it is, where it ends, and what each
// file takes and gives.
import { basename } from "node:path";
import { packageVersion } from "../../base/version.ts";
import { isQuery } from "../../data/tables/query.ts";
import { isModelled, type ModelledField } from "../../fields/field.ts";
import type { Port } from "../../fields/onnx/names.ts";
import { methods } from "../../models/methods/index.ts";
import type { LossParts } from "../../train/events.ts";
import type { EvaluationReport } from "../evaluate.ts";
import type { Run } from "../run.ts";
import type { Part } from "./part.ts";
import type { PartName } from "./refusals.ts";

export interface CardFacts {
  leftOut: readonly { part: PartName; reason: string }[];
  /** Of rows that were given for it; null without. */
  evaluation: EvaluationReport | null;
  /** What the best epoch reached on held-out rows; null without any. */
  validation: LossParts | null;
  license: string | null;
}

/** Texts in a table's cell. */
const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
const code = (text: string) => `\`${cell(text.replaceAll("`", "'"))}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

const digits = (value: number) => Number(value.toPrecision(5)).toString();

/** What a column's values were in training. */
function valuesOf(field: ModelledField): string {
  switch (field.kind) {
    case "real":
      return `mean ${digits(field.mean)}, deviation ${digits(field.deviation)}`;
    case "positive":
      return field.zeros === undefined
        ? `median ${digits(Math.exp(field.mean) - field.offset)}`
        : `0 in ${digits(100 * field.zeros)} %, median of the others ${digits(Math.exp(field.mean))}`;
    case "count":
      return `mean ${digits(Math.exp(field.logMean))}`;
    case "binary":
      return `1 in ${digits(100 * field.mean)} %`;
    case "categorical":
    case "ordinal": {
      const shown = field.levels.slice(0, 12).map((level) => code(level || " "));
      const more = field.levels.length - shown.length;
      return `${shown.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
    }
    case "time":
      return `about ${new Date(field.mean * 86_400_000).toISOString().slice(0, 10)}`;
    case "vector":
      return `${field.size} ${field.counts ? "counts" : "numbers"}`;
    case "image":
      return `${field.height}×${field.width}×${field.channels}, ${field.bytes ? "bytes" : `from ${field.low} to ${field.high}`}`;
    case "text":
      return `up to ${field.length} symbols of ${field.vocabulary.length} (${field.unit})`;
    default:
      return field satisfies never;
  }
}

/** A file without the folders of the machine that trained; a query as it is. */
const sourceName = (source: string) => (isQuery(source) ? source : basename(source));

/** What a row is where data were cut. */
function windowText(window: Run["config"]["data"]["window"]): string {
  if (window === null) return "";
  const of = window.of === "text" ? "characters of the text" : "rows of the series";
  return `, each ${window.size} ${of} that follow each other`;
}

function figures({ evaluation, validation }: CardFacts, probabilistic: boolean): string[] {
  const unit = probabilistic ? "nats per row" : "mean squared error on the network's scale";
  const rows: [string, string][] = [];
  const add = (name: string, value: number | null | undefined) => {
    if (value !== null && value !== undefined) rows.push([name, digits(value)]);
  };
  if (evaluation) {
    const { baselines } = evaluation;
    add("elbo", evaluation.elbo);
    add("reconstruction", evaluation.reconstruction);
    add("kl", evaluation.kl);
    add("target (−log p)", evaluation.target);
    add("mean squared error of a number", evaluation.mse);
    add("share of levels right", evaluation.levelAccuracy);
    add("bits per dimension", evaluation.bitsPerDim);
    add("baseline: elbo of each column alone", baselines.independent?.elbo);
    add("baseline: mean squared error of the mean row", baselines.mean?.mse);
    add("baseline: mean squared error of PCA of the same size", baselines.pca?.mse);
    add("baseline: share of levels right of PCA of the same size", baselines.pca?.levelAccuracy);
    add("baseline: elbo of probabilistic PCA", baselines.pca?.elbo);
    const what = `On ${evaluation.rows} rows given to the export (${unit}):`;
    return [what, "", ...table(["figure", "value"], rows)];
  }
  if (validation === null) {
    return ["No rows were held out in training. `elbo export --data DATA` adds figures."];
  }
  add("elbo", validation.elbo);
  add("reconstruction", validation.reconstruction);
  add("kl", validation.kl);
  add("target (−log p)", validation.target);
  return [
    `On the rows that training held out and chose its epoch by (${unit}):`,
    "",
    ...table(["figure", "value"], rows),
    "",
    "Baselines are not among them: `elbo export --data DATA` evaluates rows and adds them.",
  ];
}

const LIMITS = [
  "It knows rows like those it was trained on. A score of others says that they are strange, not why.",
  "Values that elbo would refuse (infinite numbers, counts below 0, times too far off) are not refused by the files: what comes of them means nothing.",
  "A level that training has not seen is taken as unseen, and is never given.",
  "Computation is in float32 between raw values, which are doubles: large integers lose digits.",
  "Probabilities of targets are calibrated on the rows that training held out, where it held some out; likelihoods are the model's own.",
  "New rows may come close to rows of the training data: look before you publish any.",
];

function ports(title: string, list: readonly Port[]): string[] {
  const shape = (port: Port) => `(${port.shape.map((d) => (d < 0 ? "rows" : d)).join(", ")})`;
  const rows = list.map((port) => [
    code(port.name),
    port.dtype,
    cell(shape(port)),
    cell(port.holds),
  ]);
  return ["", ...table([title, "type", "shape", "holds"], rows)];
}

export function cardOf(
  { config, folder, epoch }: Run,
  parts: ReadonlyMap<PartName, Part>,
  facts: CardFacts,
): string {
  const { schema, model, data, elbo, training } = config;
  const method = methods[model.method];
  const modelled = schema.fields.filter(isModelled);
  const rows = modelled.map((field) => [
    code(field.name),
    field.role,
    field.kind,
    field.likelihood,
    field.gaps ? "yes" : "no",
    valuesOf(field),
  ]);
  const lines = [
    "---",
    `license: ${JSON.stringify(facts.license ?? "not stated")}`,
    "library_name: onnxruntime",
    `tags: [${[...new Set([method.probabilistic ? "vae" : "autoencoder", model.method, "onnx"])].join(", ")}]`,
    "---",
    "",
    `# ${basename(folder)}`,
    "",
    `A ${method.title} (${method.paper}) with ${model.latent} latents, trained by elbo ${elbo} and exported by elbo ${packageVersion()}. The files take and give raw values: preprocessing is inside them.`,
    "",
    `Licence: ${facts.license ?? "not stated"}.`,
    "",
    "## Data",
    "",
    `${data.rows} rows of ${code(sourceName(data.source))}${windowText(data.window)}; the packed training rows hash to ${code(data.hash || "unknown")}. Seed ${training.seed}; the weights are those of epoch ${epoch}.`,
    "",
    ...table(["column", "role", "kind", "likelihood", "gaps in training", "values"], rows),
    "",
    "## Figures",
    "",
    ...figures(facts, method.probabilistic),
    "",
    "## Limits",
    "",
    ...LIMITS.map((limit) => `- ${limit}`),
    ...facts.leftOut.map(({ reason }) => `- Left out: ${reason}.`),
    "",
    "## Files",
    "",
    "ONNX, operator set 18. The first axis of every input and output is rows, as many as you like. `example.py`, `example.ts` and `example.html` use the files on the two rows of `example.json`.",
  ];
  for (const [name, part] of parts) {
    lines.push("", `### ${name}.onnx`, "", part.about);
    lines.push(...ports("input", part.inputs), ...ports("output", part.outputs));
  }
  return `${lines.join("\n")}\n`;
}
