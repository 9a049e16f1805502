// Columns whose predicted distributions are not those of their values, by the ranks of held-out
// values among draws.
import { Feeder } from "../../data/store/feeder.ts";
import { isModelled, likelihoods, type ModelledField } from "../../fields/field.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { toOnnx } from "../../graph/index.ts";
import { distanceFromEven, rankShare } from "../../metrics/calibration.ts";
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
import { type Diagnose, told } from "./course.ts";
import type { Misfit } from "./figures.ts";

/** Draws of each prediction. */
const DRAWS = 63;
/** Held-out values of a column below which their ranks say nothing. */
const FEWEST = 50;

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
export async function misfitsOf(
  device: Device,
  { schema, model, training }: RunConfig,
  weights: Weights,
  held: PackedRows,
  { means, deviations }: NonNullable<Evaluation["posteriors"]>,
): Promise<Record<string, Misfit>> {
  const groups = decodedGroups(schema, model).flatMap(({ layout, likelihood }) => {
    const [{ kind }] = layout.fields as [ModelledField];
    const ordered = kind === "real" || kind === "positive" || kind === "count";
    return likelihood && ordered ? [{ layout, likelihood }] : [];
  });
  if (groups.length === 0) return {};
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
    return Object.fromEntries(
      groups.flatMap(({ layout: { name, fields }, likelihood }) => {
        const packed = held.groups.get(name);
        if (packed?.type !== "dense") return [];
        const given = likelihood.parameters.map(({ size }, place) =>
          runner.output(drawnName(name, place)).subarray(0, rows * fields.length * size),
        );
        return misfitsOfGroup(fields, packed.values, rows, { likelihood, given, draws });
      }),
    );
  } finally {
    await runner.release();
  }
}

interface Predicted {
  likelihood: Likelihood;
  /** Its parameters, `(rows, fields · size)` each. */
  given: readonly Float32Array[];
  draws: Sequence;
}

function misfitsOfGroup(
  fields: readonly ModelledField[],
  raw: ArrayLike<number>,
  rows: number,
  { likelihood, given, draws }: Predicted,
): [string, Misfit][] {
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
  return fields.flatMap(({ name }, j): [string, Misfit][] => {
    const shares: number[] = [];
    for (let i = j; i < cells; i += width) {
      if (values[i] === null) continue;
      shares.push(rankShare(below[i]!, equal[i]!, DRAWS, draws.uniform()));
    }
    return shares.length < FEWEST
      ? []
      : [
          [
            name,
            {
              distance: distanceFromEven(shares),
              spread: spreadOf(shares),
              values: shares.length,
            },
          ],
        ];
  });
}

/** Even numbers in [0, 1] have a deviation of 1 / √12. */
function spreadOf(shares: readonly number[]): number {
  const spread = new Spread();
  for (const share of shares) spread.add(share);
  return spread.deviation * Math.sqrt(12);
}

/** The share of a column's rows that predictions put in the wrong place, from which it is told. */
const FAR = 0.2;
/** A spread of ranks from which on predictions are too wide, and not of another shape. */
const WIDE = 0.7;
/** A distance beyond what right predictions have by chance: in one column of 100,000 (Massart 1990). */
const byChance = (values: number) => Math.sqrt(Math.log(2e5) / (2 * values));

/** No density, or of values from 0 to 1 only. */
const UNFIT: readonly string[] = ["squared-error", "bernoulli", "continuous-bernoulli"];

export const misfits: Diagnose = ({ epochs, config }) => {
  const found = Object.entries(epochs.at(-1)?.figures.misfits ?? {})
    .filter(([, { distance, values }]) => distance > Math.max(FAR, byChance(values)))
    .sort(([, a], [, b]) => b.distance - a.distance);
  const [first] = found;
  if (!first) return null;
  const [name, { distance, spread }] = first;
  const field = config.schema.fields.find((one) => one.name === name);
  if (!field || !isModelled(field)) return null;
  const others = likelihoods[field.kind].filter((one) => {
    return one !== field.likelihood && !UNFIT.includes(one);
  });
  const wide = spread < WIDE;
  const more = found.slice(1, 4).map(([other]) => other);
  return {
    code: "likelihood-misfit",
    what: `column ${name} has not the distribution that is predicted of it: ${told(100 * distance)} % of its held-out values lie elsewhere${more.length > 0 ? `; so do those of ${more.join(", ")}` : ""}`,
    why: wide
      ? `the likelihood ${field.likelihood} is wider than the values are about what latents tell`
      : `the likelihood ${field.likelihood} has no such shape: values that many rows share, tails, or two heaps`,
    remedy:
      wide && field.kind === "count"
        ? `Give --kind ${name}=real: no density of counts is as narrow.`
        : `Try --likelihood ${name}=${others.join(" or ")}, or another --kind.`,
  };
};
