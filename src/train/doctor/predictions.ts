// Where held-out values stand among draws of their predictions: what a decoder's distributions get
// wrong, and what columns have in common beyond latents.
import { Feeder } from "../../data/store/feeder.ts";
import type { ModelledField } from "../../fields/field.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { toOnnx } from "../../graph/index.ts";
import { correlation, distanceFromEven, rankShare } from "../../metrics/calibration.ts";
import { Spread } from "../../metrics/spread.ts";
import { decodedGroups, drawnName, LATENT, samplingGraph } from "../../models/graphs.ts";
import type { Likelihood } from "../../prob/likelihood.ts";
import type { Device } from "../../runtime/device.ts";
import { MemoryPlan } from "../../runtime/memory.ts";
import { streams } from "../../runtime/random.ts";
import { Runner, wholeBatch } from "../../runtime/runner.ts";
import { Sequence } from "../../runtime/sequence.ts";
import type { Slot } from "../../runtime/slots.ts";
import type { Weights } from "../checkpoint.ts";
import type { RunConfig } from "../config.ts";
import type { Evaluation } from "../evaluator.ts";
import type { Dependence, Misfit } from "./figures.ts";

/** Draws of each prediction. */
const DRAWS = 63;
/** Held-out values of a column below which their ranks say nothing. */
const FEWEST = 50;
/** Columns that are compared in pairs. */
const MOST_COLUMNS = 50;

/** A cell's value where its likelihood has it; null where it is missing or has no order. */
function likelihoodValue(field: ModelledField, raw: number): number | null {
  if (Number.isNaN(raw)) return null;
  if (field.kind === "real") return (raw - field.mean) / field.deviation;
  if (field.kind === "positive") return raw + field.offset;
  return field.kind === "count" ? raw : null;
}

/**
 * Of each real, positive and count column the distance of its values' ranks among predictions from
 * even ranks, see `distanceFromEven`. Predictions are the decoder's at a draw of each row's posterior.
 * @param posteriors of the first held-out rows.
 */
export async function predictionsOf(
  device: Device,
  { schema, model, training }: RunConfig,
  weights: Weights,
  held: PackedRows,
  { means, deviations }: NonNullable<Evaluation["posteriors"]>,
): Promise<{ misfits: Record<string, Misfit>; dependence: Dependence | null }> {
  const groups = decodedGroups(schema, model).flatMap(({ layout, likelihood }) => {
    const [{ kind }] = layout.fields as [ModelledField];
    const ordered = kind === "real" || kind === "positive" || kind === "count";
    return likelihood && ordered ? [{ layout, likelihood }] : [];
  });
  if (groups.length === 0) return { misfits: {}, dependence: null };
  const rows = means.length / model.latent;
  const graph = samplingGraph(schema, model, "latent");
  const wanted = Object.entries(graph).filter(([name]) =>
    groups.some(({ layout }) => name.startsWith(`${layout.name}/`)),
  );
  const plan = new MemoryPlan();
  const batch = wholeBatch(rows);
  const feeder = new Feeder(plan, schema, batch);
  const onnx = toOnnx(Object.fromEntries(wanted), weights);
  const runner = await Runner.create(device, onnx, { batch, threads: 1, plan });
  const draws = new Sequence(training.seed, streams.calibration, 0);
  try {
    const { memory, inputs } = runner;
    const draw = { seed: training.seed, step: 0, noiseStream: streams.evaluation, firstRow: 0 };
    feeder.copy(memory, inputs, held, 0, rows, draw);
    const z = memory.view(inputs.get(LATENT) as Slot<"float32">);
    for (let i = 0; i < means.length; i++) z[i] = means[i]! + deviations[i]! * draws.normal();
    await runner.run(rows);
    const shares = groups.flatMap(({ layout: { name, fields }, likelihood }) => {
      const packed = held.groups.get(name);
      if (packed?.type !== "dense") return [];
      const given = likelihood.parameters.map(({ size }, place) =>
        runner.output(drawnName(name, place)).subarray(0, rows * fields.length * size),
      );
      return sharesOf(fields, packed.values, rows, { likelihood, given, draws });
    });
    return { misfits: Object.fromEntries(shares.flatMap(misfitOf)), dependence: closest(shares) };
  } finally {
    await runner.release();
  }
}

interface Shares {
  name: string;
  shares: (number | null)[];
}

interface Predicted {
  likelihood: Likelihood;
  /** Its parameters, `(rows, fields · size)` each. */
  given: readonly Float32Array[];
  draws: Sequence;
}

/** Shares of the ranks of one group's values; null where one is missing. */
function sharesOf(
  fields: readonly ModelledField[],
  raw: ArrayLike<number>,
  rows: number,
  { likelihood, given, draws }: Predicted,
): Shares[] {
  const width = fields.length;
  const cells = rows * width;
  const values = Array.from({ length: cells }, (_, i) =>
    likelihoodValue(fields[i % width]!, raw[i]!),
  );
  const [below, equal] = [new Uint32Array(cells), new Uint32Array(cells)];
  const drawn = new Float32Array(cells);
  for (let k = 0; k < DRAWS; k++) {
    likelihood.sample(given, drawn, draws);
    for (let i = 0; i < cells; i++) {
      if (drawn[i]! < (values[i] ?? 0)) below[i]!++;
      else if (drawn[i] === values[i]) equal[i]!++;
    }
  }
  return fields.map(({ name }, j) => ({
    name,
    shares: Array.from({ length: rows }, (_, row) => {
      const i = row * width + j;
      if (values[i] === null) return null;
      return rankShare(below[i]!, equal[i]!, DRAWS, draws.uniform());
    }),
  }));
}

function misfitOf({ name, shares }: Shares): [string, Misfit][] {
  const known = shares.filter((share) => share !== null);
  if (known.length < FEWEST) return [];
  const distance = distanceFromEven(known);
  return [[name, { distance, spread: spreadOf(known), values: known.length }]];
}

/** The two columns whose shares correlate most; null of one column, or few values. */
function closest(all: readonly Shares[]): Dependence | null {
  let found: Dependence | null = null;
  for (const [i, a] of all.entries()) {
    for (const b of all.slice(i + 1, MOST_COLUMNS)) {
      const pairs = a.shares.flatMap((share, row): [number, number][] => {
        const other = b.shares[row]!;
        return share === null || other === null ? [] : [[share, other]];
      });
      if (pairs.length < FEWEST) continue;
      const r = correlation(pairs);
      if (found && Math.abs(r) <= Math.abs(found.correlation)) continue;
      found = { columns: [a.name, b.name], correlation: r, values: pairs.length };
    }
  }
  return found;
}

/** Even numbers in [0, 1] have a deviation of 1 / √12. */
function spreadOf(shares: readonly number[]): number {
  const spread = new Spread();
  for (const share of shares) spread.add(share);
  return spread.deviation * Math.sqrt(12);
}
