// Groups of columns with few levels: one-hot in, one softmax or one row of cut points a column out.
import { expm1, log, logit } from "../../base/exact-math.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { categorical } from "../../prob/categorical.ts";
import { ordinal } from "../../prob/ordinal.ts";
import type { ColumnValues } from "../columns.ts";
import type { CategoricalField, OrdinalField } from "../field.ts";
import { type GroupLayout, paddedLevels } from "../layout.ts";
import { type Group, masked, type Raw } from "./group.ts";

type Leveled = CategoricalField | OrdinalField;

/** What an unseen level, or one that no training row has, is held to be likely at first. */
const RARE = 1e-5;
/** Far enough below every logit that a level which is not there has no probability. */
const NEVER = -1e4;

/** Levels as the column holds them: texts, numbers, 0 and 1. The unseen one is missing. */
export function levelColumns(fields: readonly Leveled[]) {
  return (values: Float32Array, rows: number): ColumnValues[] =>
    fields.map(({ levels, of }, j) => {
      const code = (i: number) => values[i * fields.length + j]!;
      if (of === "text") {
        return {
          type: "text",
          values: Array.from({ length: rows }, (_, i) => levels[code(i)] ?? null),
        };
      }
      const numbers = levels.map((level) => (of === "boolean" ? +(level === "true") : +level));
      const column = Float64Array.from({ length: rows }, (_, i) => numbers[code(i)] ?? Number.NaN);
      return { type: "number", values: column };
    });
}

const depthOf = ({ fields }: GroupLayout) =>
  paddedLevels(Math.max(...(fields as Leveled[]).map(({ levels }) => levels.length)) + 1);

/** One-hot rows `(batch, fields · depth)`; what is missing or unseen is all zeros. */
function oneHot(raw: Raw, fields: readonly Leveled[], depth: number): Tensor {
  const { rows } = raw;
  const unseen = constant(
    fields.map(({ levels }) => levels.length),
    [fields.length],
    "int32",
  );
  const known = rows.less(unseen).cast("float32");
  const there = masked(known, raw).reshape([rows.shape[0]!, fields.length, 1]);
  return rows
    .oneHot(depth)
    .mul(there)
    .reshape([rows.shape[0]!, fields.length * depth]);
}

/** log of each level's share, the unseen one and padding behind: `(fields, depth)`. */
function logShares(fields: readonly Leveled[], depth: number): Tensor {
  const rows = fields.flatMap(({ levels, shares }) => [
    ...levels.map((_, k) => log(Math.max(shares[k] ?? 1 / levels.length, RARE))),
    log(RARE),
    ...new Array<number>(depth - levels.length - 1).fill(NEVER),
  ]);
  return constant(rows, [fields.length, depth]);
}

export function categoricalGroup(layout: GroupLayout): Group {
  const fields = layout.fields as CategoricalField[];
  const depth = depthOf(layout);
  const likelihood = categorical(depth);
  const first = logShares(fields, depth);
  const given = (outputs: Tensor) => [
    outputs.reshape([outputs.shape[0]!, fields.length, depth]).add(first),
  ];
  return {
    layout,
    values: fields.length,
    mass: true,
    picture: null,
    outputs: fields.length * depth,
    outputPicture: null,
    features: (_, raw) => oneHot(raw, fields, depth),
    logProb: (_, raw, outputs) => masked(likelihood.logProb(raw.rows, given(outputs)), raw),
    target: () => null,
    logSlope: () => null,
    leastScales: [],
    prediction: () => null,
    likelihood,
    drawn: (_, outputs) => given(outputs),
    expected: (_, outputs) => likelihood.mode(given(outputs)).cast("float32"),
    columns: levelColumns(fields),
  };
}

/** Raw cut points that give the shares of a column where the location is 0. */
function cutsOf({ levels, shares }: OrdinalField, depth: number): number[] {
  const cuts: number[] = [];
  let below = 0;
  for (let k = 0; k < depth - 1; k++) {
    below += Math.max(shares[k] ?? (k < levels.length ? 1 / levels.length : 0), RARE);
    // Levels that are padding lie where no location comes: the last one ends nowhere.
    const cut = logit(Math.min(Math.max(below / (1 + depth * RARE), RARE), 1 - RARE));
    cuts.push(k < levels.length - 1 ? cut : (cuts.at(-1) ?? 0) - NEVER);
  }
  return cuts.map((cut, k) => {
    if (k === 0) return cut;
    const distance = Math.max(cut - cuts[k - 1]!, 1e-3);
    return distance > 20 ? distance : log(expm1(distance));
  });
}

export function ordinalGroup(layout: GroupLayout): Group {
  const fields = layout.fields as OrdinalField[];
  const depth = depthOf(layout);
  const likelihood = ordinal(depth);
  const first = constant(
    fields.flatMap((field) => cutsOf(field, depth)),
    [fields.length, depth - 1],
  );
  function given(parameters: Parameters, outputs: Tensor): Tensor[] {
    const name = `decoder.${layout.name}.cuts`;
    const learned = parameters.define(name, [fields.length, depth - 1], { value: 0 });
    return [outputs, learned.add(first)];
  }
  const unseen = constant(
    fields.map(({ levels }) => levels.length),
    [fields.length],
    "int32",
  );
  return {
    layout,
    values: fields.length,
    mass: true,
    picture: null,
    outputs: fields.length,
    outputPicture: null,
    features: (_, raw) => oneHot(raw, fields, depth),
    // A level out of the order has no place in it: its term counts as missing.
    logProb: (parameters, raw, outputs) =>
      masked(likelihood.logProb(raw.rows, given(parameters, outputs)), raw).mul(
        raw.rows.less(unseen).cast("float32"),
      ),
    target: () => null,
    logSlope: () => null,
    leastScales: [],
    prediction: () => null,
    likelihood,
    drawn(parameters, outputs) {
      const [location, cuts] = given(parameters, outputs) as [Tensor, Tensor];
      return [
        location,
        location
          .mul(0)
          .reshape([...location.shape, 1])
          .add(cuts),
      ];
    },
    expected: (parameters, outputs) => likelihood.mode(given(parameters, outputs)).cast("float32"),
    columns: levelColumns(fields),
  };
}
