// Classes told by neighbours in latent space, where few training rows have theirs: classes spread from those
// over the graph of all kept training rows, each tied to its nearest (Zhou et al. 2004, Learning with Local
// and Global Consistency): F ← α S F + (1 − α) Y, S = D^−½ W D^−½, Y the classes that are known. A new row has
// the mean of its neighbours' shares.
import { ElboError } from "../base/errors.ts";
import type { PackedRows } from "../fields/pack.ts";
import { fitTemperature } from "../metrics/temperature.ts";
import { encodingGraph } from "../models/graphs.ts";
import { valueAt } from "../train/calibration.ts";
import { Neighbours } from "./detect/neighbours.ts";
import { latentMoments, latentScales } from "./explain/latent-moments.ts";
import { PackedUse } from "./packed-use.ts";
import type { Target } from "./predict.ts";
import type { Run, TaskOptions } from "./run.ts";

/** Neighbours that a row is tied to. */
const TIES = 10;
/** α: how much of a row's shares is its neighbours' (the paper's). */
const SHARE = 0.99;
/** Steps, of which each takes what is known one tie further, and a change that is none. */
const MOST_STEPS = 500;
const STILL = 1e-5;

/** Each row's ties, and what they weigh: symmetric, so that they carry both ways alike. */
function tiesOf(near: readonly (readonly { place: number }[])[]) {
  const sets = near.map((points) => new Set(points.map(({ place }) => place)));
  for (const [row, points] of near.entries()) for (const { place } of points) sets[place]!.add(row);
  const degrees = sets.map(({ size }) => Math.max(1, size));
  return sets.map((set, row) =>
    [...set].map((place) => ({ place, weight: 1 / Math.sqrt(degrees[row]! * degrees[place]!) })),
  );
}

/** Shares of the classes of every row, `(rows, classes)`; rows that nothing reaches have all alike. */
function spreadOver(
  ties: ReturnType<typeof tiesOf>,
  known: readonly (number | null)[],
  classes: number,
): Float64Array {
  const rows = ties.length;
  let shares = new Float64Array(rows * classes);
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = new Float64Array(rows * classes);
    let change = 0;
    for (let row = 0; row < rows; row++) {
      for (const { place, weight } of ties[row]!) {
        for (let c = 0; c < classes; c++) {
          next[row * classes + c]! += SHARE * weight * shares[place * classes + c]!;
        }
      }
      const own = known[row];
      if (own !== null && own !== undefined) next[row * classes + own]! += 1 - SHARE;
      for (let c = 0; c < classes; c++) {
        const at = row * classes + c;
        change = Math.max(change, Math.abs(next[at]! - shares[at]!));
      }
    }
    shares = next;
    if (change < STILL * (1 - SHARE)) break;
  }
  for (let row = 0; row < rows; row++) {
    const own = shares.subarray(row * classes, (row + 1) * classes);
    const sum = own.reduce((total, share) => total + share, 0);
    for (let c = 0; c < classes; c++) own[c] = sum > 0 ? own[c]! / sum : 1 / classes;
  }
  return shares;
}

/** The classes of rows by their latents. */
export class Spread {
  readonly #neighbours: Neighbours;
  readonly #scales: Float64Array;
  readonly #shares: ReadonlyMap<string, { shares: Float64Array; classes: number }>;
  /** By the rows held out; absent where none has its class. */
  readonly temperatures = new Map<string, number>();

  private constructor(
    neighbours: Neighbours,
    scales: Float64Array,
    shares: ReadonlyMap<string, { shares: Float64Array; classes: number }>,
  ) {
    this.#neighbours = neighbours;
    this.#scales = scales;
    this.#shares = shares;
  }

  /**
   * From the training rows that the run keeps; the caller releases it.
   * @param targets those with classes.
   * @throws ElboError `spread-nothing` where no kept row has its class.
   */
  static async of(run: Run, targets: readonly Target[], options: TaskOptions): Promise<Spread> {
    const { training, heldOut } = await run.reference();
    const moments = await latentMoments(run, training, options);
    const { means, latent } = moments;
    const scales = latentScales(moments);
    const points = means.map((value, i) => value * scales[i % latent]!);
    const neighbours = await Neighbours.of(points, latent, TIES + 1, options);
    const ties = tiesOf(await neighbours.nearest(points, TIES, true));
    const shares = new Map(
      targets.map(({ group, at, field, classes }) => {
        const known = Array.from({ length: training.rows }, (_, row) =>
          valueAt(group, training, row, at),
        );
        if (known.every((value) => value === null)) throw nothingKnown(field.name, training.rows);
        const count = classes!.length;
        return [field.name, { shares: spreadOver(ties, known, count), classes: count }] as const;
      }),
    );
    const spread = new Spread(neighbours, scales, shares);
    await spread.#calibrate(run, heldOut, targets, options);
    return spread;
  }

  async #calibrate(
    run: Run,
    heldOut: PackedRows,
    targets: readonly Target[],
    options: TaskOptions,
  ): Promise<void> {
    if (heldOut.rows === 0) return;
    const { schema, model } = run.config;
    const use = await PackedUse.create(run, { mean: encodingGraph(schema, model).mean }, options);
    const means = (await use.run(heldOut, ["mean"])).get("mean")!;
    await use.release();
    const shares = await this.shares(means);
    for (const { group, at, field } of targets) {
      const rows = shares.get(field.name)!.flatMap((probabilities, row) => {
        const level = valueAt(group, heldOut, row, at);
        return level === null ? [] : [{ probabilities, level }];
      });
      if (rows.length > 0) this.temperatures.set(field.name, fitTemperature(rows));
    }
  }

  /** By the names of targets, the shares of their classes in each row. @param means `(rows, latent)`. */
  async shares(means: Float32Array): Promise<Map<string, Float64Array[]>> {
    const latent = this.#scales.length;
    const points = means.map((value, i) => value * this.#scales[i % latent]!);
    const near = await this.#neighbours.nearest(points, TIES);
    return new Map(
      [...this.#shares].map(([name, { shares, classes }]) => [
        name,
        near.map((neighbours) => {
          const own = new Float64Array(classes);
          for (const { place } of neighbours) {
            for (let c = 0; c < classes; c++) {
              own[c]! += shares[place * classes + c]! / neighbours.length;
            }
          }
          return own;
        }),
      ]),
    );
  }

  release(): Promise<void> {
    return this.#neighbours.release();
  }
}

const nothingKnown = (name: string, rows: number) =>
  new ElboError({
    code: "spread-nothing",
    message: `--spread takes classes from the training rows that a run keeps, and none of these ${rows} has a value of ${name}`,
    hint: "Leave --spread out, or train on rows of which more have their class.",
  });
