// What each input of the encoder adds to a latent or to the score of a row, beside the mean row:
// integrated gradients (Sundararajan, Taly and Yan 2017, equation 3), the integral by the midpoints of
// equal steps. They sum to the difference from the mean row: completeness.
import type { PackedRows } from "../../fields/pack.ts";
import {
  ADDED,
  attributionGraph,
  BASELINE,
  CHOSEN_LATENT,
  type Entering,
  enteringOf,
  PATH,
  SEEN,
  VALUE,
} from "../../models/explaining-graphs.ts";
import { type Fill, PackedUse } from "../packed-use.ts";
import type { Run, TaskOptions } from "../run.ts";
import type { OnProgress } from "./work.ts";

export interface Attributed {
  rows: number;
  /** Of each row: what is explained, and the same of the mean row as that row is scored. */
  values: Float64Array;
  baseline: Float64Array;
  /** `(rows, fields)`, in the order of the attributor's `fields`. */
  fields: Float64Array;
  /** `(rows, n)`: of each number that the encoder sees. */
  inputs: Float64Array;
}

/** The largest distance of a row's attributions from what it differs by: completeness, missed. */
export function gapOf({ rows, values, baseline, fields }: Attributed): number {
  const each = fields.length / rows;
  let gap = 0;
  for (let i = 0; i < rows; i++) {
    const sum = fields
      .subarray(i * each, (i + 1) * each)
      .reduce((total, value) => total + value, 0);
    gap = Math.max(gap, Math.abs(sum - (values[i]! - baseline[i]!)));
  }
  return gap;
}

/** A latent by its place, or the score. */
export type Explained = number | "score";

/** Which field a number that the encoder sees of a group is of. */
function ownersOf({ group, size, mask }: Entering): string[] {
  const { fields } = group.layout;
  const [{ kind }] = fields as [(typeof fields)[number]];
  const each = size / fields.length;
  const features = Array.from({ length: size }, (_, k) =>
    // Parts of the calendar stand field by field, one part after the other.
    kind === "time" ? fields[k % fields.length]!.name : fields[Math.floor(k / each)]!.name,
  );
  const masks = Array.from({ length: mask }, (_, k) => {
    return fields[Math.floor((k * fields.length) / mask)]!.name;
  });
  return [...features, ...masks];
}

export class Attributor {
  /** What the encoder sees, in the order of the run's groups. */
  readonly fields: string[];
  readonly entering: readonly Entering[];
  readonly #owners: Int32Array;
  readonly #use: PackedUse;
  readonly #baseline: Float32Array;

  private constructor(entering: readonly Entering[], use: PackedUse, baseline: Float32Array) {
    this.entering = entering;
    const owners = entering.flatMap(ownersOf);
    this.fields = [...new Set(owners)];
    this.#owners = Int32Array.from(owners, (name) => this.fields.indexOf(name));
    this.#use = use;
    this.#baseline = baseline;
  }

  /** @param reference rows whose mean is the baseline. The caller releases it. */
  static async create(
    run: Run,
    reference: PackedRows,
    of: "latents" | "score",
    options: TaskOptions,
  ): Promise<Attributor> {
    const { schema, model } = run.config;
    const { [SEEN]: entering, ...graph } = attributionGraph(schema, model, of);
    const looking = await PackedUse.create(run, { [SEEN]: entering }, options);
    const seen = (await looking.run(reference, [SEEN])).get(SEEN)!;
    await looking.release();
    const use = await PackedUse.create(run, graph, options);
    const width = seen.length / reference.rows;
    const sums = new Float64Array(width);
    for (const [i, value] of seen.entries()) sums[i % width]! += value / reference.rows;
    return new Attributor(enteringOf(schema, model), use, Float32Array.from(sums));
  }

  #fill(what: Explained, path: number): Fill {
    return (input) => {
      input(CHOSEN_LATENT).fill(0);
      if (what !== "score") input(CHOSEN_LATENT)[what] = 1;
      input(PATH).fill(path);
      input(BASELINE).set(this.#baseline);
    };
  }

  /** Numbers that the encoder sees of a row. */
  get width(): number {
    return this.#baseline.length;
  }

  async attribute(
    packed: PackedRows,
    what: Explained,
    steps: number,
    onProgress?: OnProgress,
  ): Promise<Attributed> {
    const { rows } = packed;
    const { width } = this;
    const at = async (path: number) =>
      Float64Array.from((await this.#use.run(packed, [VALUE], this.#fill(what, path))).get(VALUE)!);
    const inputs = new Float64Array(rows * width);
    for (let step = 0; step < steps; step++) {
      onProgress?.(step / steps);
      const fill = this.#fill(what, (step + 0.5) / steps);
      const added = (await this.#use.run(packed, [ADDED], fill)).get(ADDED)!;
      for (let i = 0; i < inputs.length; i++) inputs[i]! += added[i]! / steps;
    }
    const fields = new Float64Array(rows * this.fields.length);
    for (const [i, value] of inputs.entries()) {
      fields[Math.floor(i / width) * this.fields.length + this.#owners[i % width]!]! += value;
    }
    return { rows, values: await at(1), baseline: await at(0), fields, inputs };
  }

  release(): Promise<void> {
    return this.#use.release();
  }
}
