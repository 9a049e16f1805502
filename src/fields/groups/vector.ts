// Groups of one vector field: many numbers of one sort a row, measured or counted. Counts are shares
// of their row's sum, the library size of single cells (Lopez et al. 2018, Deep generative modeling
// for single-cell transcriptomics).
import { log } from "../../base/exact-math.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import type { ColumnValues } from "../columns.ts";
import { isShared, type VectorField } from "../field.ts";
import type { GroupLayout } from "../layout.ts";
import { SHARPEST } from "./columns.ts";
import { masked, type Raw } from "./group.ts";
import type { Numeric } from "./numeric.ts";

/** Shares are looked at as counts in this many. */
const PER = 10_000;

const asRows = (values: Float32Array): ColumnValues[] => [{ type: "vector", values }];

function gaussianVector(layout: GroupLayout, field: VectorField): Numeric {
  const [mean, deviation] = [constant(field.mean), constant(field.deviation)];
  return {
    layout,
    likelihood: field.likelihood,
    values: field.size,
    value: ({ rows }) => rows.sub(mean).div(deviation),
    logJacobian: constant(field.deviation.map((d) => -log(d))),
    toNetwork: (value) => value,
    fromNetwork: (value) => value,
    location: (emitted) => emitted,
    bounded: true,
    scale: field.mean.map(() => 0),
    floor: field.deviation.map((d) => (field.resolution / d) * SHARPEST),
    columns: (values) =>
      asRows(
        values.map((v, i) => v * field.deviation[i % field.size]! + field.mean[i % field.size]!),
      ),
  };
}

function countVector(layout: GroupLayout, field: VectorField): Numeric {
  const [mean, deviation] = [constant(field.mean), constant(field.deviation)];
  const logShare = constant(field.logShare);
  const spread = constant(field.spread);
  /** Of each row, `(batch, 1)`; a row of nothing counts as one. */
  const totals = (raw: Raw) => masked(raw.rows, raw).sum(1, true).maximum(1);
  const total = (raw: Raw | null): Tensor => (raw ? totals(raw) : constant([field.total], [1, 1]));
  return {
    layout,
    likelihood: field.likelihood,
    values: field.size,
    value: ({ rows }) => rows,
    logJacobian: null,
    toNetwork: (value, raw) => value.div(totals(raw)).mul(PER).log1p().sub(mean).div(deviation),
    fromNetwork: (value, raw) =>
      value
        .mul(deviation)
        .add(mean)
        .clip(0, 30)
        .expm1()
        .mul(1 / PER)
        .mul(total(raw)),
    errors: (value, raw) => value.sub(logShare.exp().mul(totals(raw))).div(spread),
    location: (emitted, raw) => emitted.add(logShare).add(total(raw).log()),
    bounded: false,
    scale: field.mean.map(() => 0),
    floor: field.mean.map(() => 0),
    dispersion: field.logInverseDispersion,
    columns: (values) => asRows(values.slice()),
  };
}

export function vectorColumns(layout: GroupLayout): Numeric {
  const [field] = layout.fields as [VectorField];
  return isShared(field) ? countVector(layout, field) : gaussianVector(layout, field);
}
