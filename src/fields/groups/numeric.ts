// Groups of numbers: real, positive, count and binary columns, times, vectors. They differ in how
// raw numbers come to the likelihood's scale and to the network's, and in nothing else.
import type { Tensor } from "../../graph/index.ts";
import type { Parameters } from "../../nn/parameters.ts";
import type { ColumnValues } from "../columns.ts";
import type { LikelihoodName } from "../field.ts";
import type { GroupLayout } from "../layout.ts";
import { type Beginning, familyOf, learnedBy } from "./family.ts";
import { type Group, type GroupOptions, masked, type Raw } from "./group.ts";

export interface Numeric extends Beginning {
  layout: GroupLayout;
  likelihood: LikelihoodName;
  /** Values a row: one for each field, or the size of the one vector. */
  values: number;
  /** On the likelihood's scale, finite where missing. */
  value(raw: Raw): Tensor;
  /** Σ log |d value / d raw| for each value, where it is not 0. */
  logJacobian: Tensor | null;
  /** log |d network / d value| for each value, where it is not 0. */
  logSlope?(value: Tensor): Tensor;
  /** From the likelihood's scale to the network's, near mean 0 and deviation 1; and back. */
  toNetwork(value: Tensor, raw: Raw): Tensor;
  fromNetwork(value: Tensor, raw: Raw | null): Tensor;
  /** The likelihood's location from what the network emits around 0. */
  location(emitted: Tensor, raw: Raw | null): Tensor;
  /** Whether locations live on the network's scale, where a sigmoid may bound them. */
  bounded: boolean;
  /** The smallest scale that a density may claim on the network's scale, where it is not `floor`. */
  leastScale?: readonly number[];
  /** Where expected values are far from even on the network's scale: the one to tell errors on. */
  errors?(value: Tensor, raw: Raw): Tensor;
  /** What is told of errors where it is not the mean: of the likelihood's parameters, on the network's scale. */
  middle?(parameters: readonly Tensor[]): Tensor;
  /** What expected values are limited to, where the likelihood's tail goes far beyond the data's. */
  limit?: Tensor;
  /** Instead of `toNetwork`: what the encoder sees. */
  features?(raw: Raw): Tensor;
  columns(values: Float32Array, rows: number): ColumnValues[];
  /** Whether the most probable value is told, and not the expected one. */
  modal?: boolean;
}

export function numericGroup(numeric: Numeric, { output }: GroupOptions): Group {
  const { layout, values } = numeric;
  const family = familyOf(numeric.likelihood);
  const emitted = family?.emitted ?? 1;
  const squash = (x: Tensor) => (output === "sigmoid" && numeric.bounded ? x.sigmoid() : x);
  const oneField = layout.fields.length === 1 && values > 1;

  /** The emitted numbers, first all locations, then the others by turns. */
  function parts(outputs: Tensor): Tensor[] {
    return emitted === 1 ? [outputs] : outputs.split(1, new Array(emitted).fill(values));
  }
  function given(parameters: Parameters, outputs: Tensor, raw: Raw | null): Tensor[] {
    const [first, ...others] = parts(outputs) as [Tensor, ...Tensor[]];
    const location = numeric.location(squash(first), raw);
    return family!.parameters(learnedBy(parameters, layout.name, numeric), location, others);
  }
  const seen = (raw: Raw) => masked(numeric.toNetwork(numeric.value(raw), raw), raw);
  const told = family && numeric.errors ? numeric.errors : numeric.toNetwork;
  const target = (raw: Raw) => masked(told(numeric.value(raw), raw), raw);

  function prediction(parameters: Parameters, outputs: Tensor, raw: Raw): Tensor {
    if (!family) return masked(squash(outputs), raw);
    const all = given(parameters, outputs, raw);
    return masked(numeric.middle?.(all) ?? told(family.likelihood.mean(all), raw), raw);
  }

  /** Whether raw values have a density alone, and targets are a smooth function of them. */
  const dense =
    family !== null && !family.likelihood.mass && !numeric.errors && !numeric.zeroLogits;

  return {
    layout,
    values,
    // Of numbers between 0 and 1 a Bernoulli gives no probabilities.
    mass: family?.likelihood.mass === true && layout.fields[0]!.kind !== "real",
    picture: null,
    outputs: emitted * values,
    outputPicture: null,
    features: (_, raw) => (numeric.features ? numeric.features(raw) : seen(raw)),
    logProb(parameters, raw, outputs) {
      let each: Tensor;
      if (family) {
        const x = numeric.value(raw);
        each = family.likelihood.logProb(x, given(parameters, outputs, raw));
        if (numeric.logJacobian) each = each.add(numeric.logJacobian);
      } else each = seen(raw).sub(squash(outputs)).square().neg();
      const there = masked(each, raw);
      return oneField ? there.sum(1, true) : there;
    },
    target: numeric.modal ? () => null : target,
    logSlope(raw) {
      if (!dense) return null;
      const value = numeric.value(raw);
      const slope = numeric.logSlope?.(value) ?? value.mul(0);
      const each = numeric.logJacobian ? slope.add(numeric.logJacobian) : slope;
      return masked(each, raw).sum(1);
    },
    leastScales: numeric.leastScale ?? numeric.floor,
    prediction: numeric.modal ? () => null : prediction,
    likelihood: family?.likelihood ?? null,
    drawn(parameters, outputs, raw) {
      if (!family) return [];
      const [location, ...rest] = given(parameters, outputs, raw) as [Tensor, ...Tensor[]];
      // Learned ones are one for all rows: the batch is put in front.
      return [location, ...rest.map((p) => (p.rank < 2 ? location.mul(0).add(p) : p))];
    },
    expected(parameters, outputs, raw) {
      if (!family) return numeric.fromNetwork(squash(outputs), raw);
      const { mean, mode, limitedMean } = family.likelihood;
      const all = given(parameters, outputs, raw);
      const value = numeric.modal
        ? mode(all).cast("float32")
        : limitedMean && numeric.limit
          ? limitedMean(all, numeric.limit)
          : mean(all);
      return value.rank === 2 ? value : outputs.mul(0).add(value);
    },
    columns: numeric.columns,
  };
}
