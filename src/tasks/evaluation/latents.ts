// What a model's latents keep of rows: neighbourhoods, labels, batches, known factors; beside principal
// components of the training rows, as many as there are latents.
import { availableParallelism } from "node:os";
import { ElboError } from "../../base/errors.ts";
import type { DataSource } from "../../data/source.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { neighbourhoods } from "../../metrics/neighbourhoods.ts";
import { type Points, pickPoints } from "../../metrics/points.ts";
import { encodingGraph } from "../../models/graphs.ts";
import { batchesOf } from "../../train/each-batch.ts";
import { deviceOf, type Run, type TaskOptions } from "../run.ts";
import { BATCH_ROWS } from "../stream.ts";
import { type FactorFigures, factorFigures } from "./factors.ts";
import { type GroupFigures, groupFigures, type MixingFigures, mixingFigures } from "./groups.ts";
import { Inputs } from "./inputs.ts";
import { type Label, labelColumns, labelOf } from "./labels.ts";
import { principalPoints } from "./principal.ts";
import { type ProbeFigures, probeFigures } from "./probes.ts";
import { sampleRows } from "./sample.ts";

/** What latents are asked about. */
export interface LatentOptions {
  /** Whether rows' neighbours stay neighbours: `trustworthiness` and `continuity`. Default false. */
  neighbourhoods?: boolean;
  /** A column that latents should tell, by probes and groups. */
  label?: string;
  /** With `label`, for single cells: a column that latents should not tell. */
  batch?: string;
  /** Known factors of variation, each of which a latent of its own should tell. */
  factors?: readonly string[];
}

/** A figure of the model's latents, and of as many principal components; null without numbers. */
export interface Beside<Figures> {
  model: Figures;
  pca: Figures | null;
}

export interface LatentReport {
  neighbourhoods:
    | ({ rows: number; neighbours: number } & Beside<{
        trustworthiness: number;
        continuity: number;
      }>)
    | null;
  label:
    | ({ name: string; of: "classes" | "numbers"; rows: number } & Beside<
        { probes: ProbeFigures } & { groups: GroupFigures | null }
      >)
    | null;
  batches: ({ name: string; rows: number } & Beside<MixingFigures>) | null;
  factors: ({ names: string[]; rows: number } & Beside<FactorFigures>) | null;
}

/** Rows that probes and factors look at … */
const MOST_ROWS = 10_000;
/** … and that are compared each with each other, fewer where they are long. */
const MOST_COMPARED = 2000;
const MOST_DIFFERENCES = 1e9;
const NEIGHBOURS = 15;

export function asksOfLatents(options: LatentOptions): boolean {
  const { label, batch, factors = [] } = options;
  if (batch !== undefined && label === undefined) {
    throw new ElboError({
      code: "option-needs",
      kind: "usage",
      message: `--batch ${batch} asks whether batches mix within labels, and needs --label`,
      hint: "Give --label COLUMN, of cell types say.",
    });
  }
  if (factors.length === 1) {
    throw new ElboError({
      code: "option-needs",
      kind: "usage",
      message: `--factors tells factors from each other, and needs two; received ${factors[0]}`,
      hint: "Give --factors again with another column, or ask for one with --label.",
    });
  }
  return options.neighbourhoods === true || label !== undefined || factors.length > 0;
}

async function latentsOf(run: Run, packed: PackedRows, options: TaskOptions): Promise<Points> {
  const { schema, model } = run.config;
  const { mean } = encodingGraph(schema, model);
  const batches = await batchesOf(
    schema,
    { mean },
    {
      device: await deviceOf(options),
      threads: options.threads ?? availableParallelism(),
      ...{ seed: 0, batch: BATCH_ROWS, sumsRows: false, weights: run.weights },
    },
  );
  const values = new Float32Array(packed.rows * model.latent);
  let end = 0;
  async function* pieces() {
    yield packed;
  }
  await batches.each(pieces(), (rows) => {
    values.set(batches.runner.output("mean").subarray(0, rows * model.latent), end);
    end += rows * model.latent;
  });
  await batches.runner.release();
  return { rows: packed.rows, size: model.latent, values };
}

/** Places spread evenly over some. */
function some(places: readonly number[], most: number): number[] {
  const count = Math.min(places.length, most);
  return Array.from({ length: count }, (_, i) => places[Math.floor((i * places.length) / count)]!);
}

const present = (rows: number, labels: readonly Label[]) =>
  Array.from({ length: rows }, (_, i) => i).filter((i) =>
    labels.every(({ values }) => values[i] !== null),
  );

const valuesAt = ({ values }: Label, places: readonly number[]) =>
  places.map((place) => values[place]!);

async function beside<Figures>(
  model: Points,
  pca: Points | null,
  figures: (points: Points) => Figures | Promise<Figures>,
): Promise<Beside<Figures>> {
  return { model: await figures(model), pca: pca && (await figures(pca)) };
}

export async function latentReport(
  run: Run,
  source: DataSource,
  asked: LatentOptions,
  options: TaskOptions & { seed: number },
): Promise<LatentReport> {
  const names = [asked.label, asked.batch, ...(asked.factors ?? [])].filter(
    (name) => name !== undefined,
  );
  const columns = labelColumns(source, names);
  const { packed, carried } = await sampleRows(run, source, MOST_ROWS, options.seed, columns);
  const labels = new Map(carried.map((column, i) => [names[i]!, labelOf(names[i]!, column)]));
  const latents = await latentsOf(run, packed, options);
  const inputs = await Inputs.of(run, options);
  const size = inputs?.size ?? 1;
  const points = inputs && (await inputs.points(packed));
  const training = inputs && (await inputs.training());
  const known = training && (await inputs.points(training));
  await inputs?.release();
  const pca =
    points && known && (await principalPoints(known, points, size, run.config.model.latent));
  const compared = Math.min(MOST_COMPARED, Math.floor(Math.sqrt(MOST_DIFFERENCES / size)));
  const report: LatentReport = { neighbourhoods: null, label: null, batches: null, factors: null };
  const on = (places: readonly number[]) =>
    [pickPoints(latents, places), pca && pickPoints(pca, places)] as const;
  const all = present(packed.rows, []);
  if (asked.neighbourhoods && points && packed.rows > 2 * NEIGHBOURS + 1) {
    const places = some(all, compared);
    const data = pickPoints({ rows: packed.rows, size, values: points }, places);
    report.neighbourhoods = {
      ...{ rows: places.length, neighbours: NEIGHBOURS },
      ...(await beside(...on(places), (own) => neighbourhoods(data, own, NEIGHBOURS))),
    };
  }
  if (asked.label !== undefined) {
    const label = labels.get(asked.label)!;
    const places = present(packed.rows, [label]);
    const few = some(places, compared);
    const told = async (own: Points) => ({
      probes: await probeFigures(pickPoints(own, places), label, valuesAt(label, places), options),
      groups: label.classes
        ? groupFigures(pickPoints(own, few), valuesAt(label, few), options.seed)
        : null,
    });
    report.label = {
      ...{ name: label.name, of: label.classes ? "classes" : "numbers", rows: places.length },
      ...(await beside(latents, pca, told)),
    };
    if (asked.batch !== undefined) {
      const batch = labels.get(asked.batch)!;
      const both = some(present(packed.rows, [label, batch]), compared);
      const codes = [valuesAt(label, both), valuesAt(batch, both)] as const;
      report.batches = {
        ...{ name: batch.name, rows: both.length },
        ...(await beside(...on(both), (own) => mixingFigures(own, ...codes))),
      };
    }
  }
  if (asked.factors && asked.factors.length > 0) {
    const factors = asked.factors.map((name) => labels.get(name)!);
    const places = some(present(packed.rows, factors), MOST_ROWS);
    report.factors = {
      ...{ names: [...asked.factors], rows: places.length },
      ...(await beside(...on(places), (own) =>
        factorFigures(
          own,
          factors.map((factor) => ({ ...factor, values: valuesAt(factor, places) })),
          options.seed,
        ),
      )),
    };
  }
  return report;
}
