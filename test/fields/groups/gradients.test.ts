// Gradients of every group by outputs and parameters against central differences; and what lies
// behind a mask is as if it were not there.
import { describe, expect, test } from "vitest";
import { maskSize } from "#elbo/fields/layout.js";
import { constant, gradients, type Tensor } from "#elbo/graph/index.js";
import { checkGradient } from "../../graph/differences.ts";
import { evaluate } from "../../oracle/index.ts";
import { spread } from "../../runtime/conformance/case.ts";
import { type Built, build } from "./build.ts";
import { type Specimen, specimens } from "./specimens.ts";

/** Elements of a tensor that are moved: an image of levels and many levels have thousands. */
const MOST = 30;

const weighted = (x: Tensor) => x.mul(constant(spread(x.shape[1]!, 0.5, 2), [1, x.shape[1]!]));

/** Everything a group gives of its rows, each with a weight of its own. */
function lossOf({ group, raw, parameters, outputs }: Built): Tensor {
  const parts = [
    group.logProb(parameters, raw, outputs),
    group.features(parameters, raw),
    group.target(raw),
    group.prediction(parameters, outputs, raw),
  ];
  return parts
    .flatMap((part) => (part ? [weighted(part).sum()] : []))
    .reduce((sum, part) => sum.add(part));
}

describe("gradients by outputs and parameters are central differences", () => {
  test.each(specimens)("$name", (specimen) => {
    const built = build(specimen);
    const { rows } = specimen;
    const reals = [built.outputs, ...built.parameters.tensors()];
    const feeds = built.feeds(rows);
    // Texts have networks of many tensors, which are held against PyTorch's as well.
    const most = specimen.fields[0]!.kind === "text" ? 2 : MOST;
    checkGradient(lossOf(built), { reals, batch: rows.length, feeds: () => feeds }, most);
  });
});

const maskable = specimens.filter((specimen) => maskSize(build(specimen).group.layout) > 0);

/** Masks of which each row has another cell missing, then all, then none. */
function masksOf(cells: number): number[][] {
  const one = Array.from({ length: cells }, (_, j) =>
    Array.from({ length: cells }, (_, i) => +(i !== j)),
  );
  return [...one, new Array(cells).fill(0), new Array(cells).fill(1)];
}

/** `row` with 0, or with the specimen's hidden elements, where the mask says 0. */
function behind({ hidden }: Specimen, row: readonly number[], mask: readonly number[], by: 0 | 1) {
  const each = row.length / mask.length;
  return row.map((value, i) => (mask[Math.floor(i / each)] === 1 ? value : by * hidden[i]!));
}

describe("missing cells", () => {
  test.each(maskable)("$name", (specimen) => {
    const built = build(specimen, true);
    const { group, raw, parameters, outputs, feeds } = built;
    const cells = maskSize(group.layout);
    const mask = masksOf(cells);
    const rows = mask.map((_, i) => specimen.rows[i % specimen.rows.length]!);
    const logProb = group.logProb(parameters, raw, outputs);
    const loss = lossOf(built);
    const all = [
      logProb,
      loss,
      group.features(parameters, raw),
      ...gradients(loss, [outputs, ...parameters.tensors()]),
    ];
    const values = ([0, 1] as const).map((by) => {
      const packed = rows.map((row, i) => behind(specimen, row, mask[i]!, by));
      return evaluate(all, feeds(packed, { mask }), rows.length).map(({ shape, data }) => ({
        shape,
        // Minus zero is zero.
        data: data.map((value) => value + 0),
      }));
    });
    expect(values[1]).toEqual(values[0]);
    const [logs, , features, slopes] = values[0]!;
    for (const [i, there] of mask.entries()) {
      const { fields } = group.layout;
      // A vector is one field of many cells.
      const perField = cells / fields.length;
      for (const j of fields.keys()) {
        const own = there.slice(j * perField, (j + 1) * perField);
        const log = logs!.data[i * fields.length + j]!;
        if (own.every((cell) => cell === 0)) expect(log).toBe(0);
        else expect(Number.isFinite(log) && log !== 0, `row ${i}, field ${j}: ${log}`).toBe(true);
      }
      const emitted = group.outputs;
      const perCell = emitted / cells;
      // Numbers are emitted by turns, levels one column after the other.
      const cellOf = (k: number) =>
        group.likelihood?.dtype === "int32" ? Math.floor(k / perCell) : k % cells;
      for (let k = 0; k < emitted; k++) {
        const slope = slopes!.data[i * emitted + k]!;
        if (there[cellOf(k)] === 0) expect(slope, `row ${i}, output ${k}`).toBe(0);
      }
      if (there.every((cell) => cell === 0)) {
        const width = features!.shape[1]!;
        const seen = features!.data.subarray(i * width, (i + 1) * width);
        expect([...seen]).toEqual(new Array(width).fill(0));
      }
    }
    // Some slope is there: zeros everywhere would prove nothing.
    expect(slopes!.data.some((slope) => slope !== 0)).toBe(true);
  });

  test.each(maskable)("$name: a mask of ones is no mask", (specimen) => {
    const [plain, withMask] = [build(specimen), build(specimen, true)];
    const values = [plain, withMask].map((built) => {
      const logProb = built.group.logProb(built.parameters, built.raw, built.outputs);
      const features = built.group.features(built.parameters, built.raw);
      return evaluate([logProb, features], built.feeds(specimen.rows), specimen.rows.length);
    });
    expect(values[1]).toEqual(values[0]);
  });
});
